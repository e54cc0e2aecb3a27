using System.Net;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>All keys of the configuration.</summary>
internal static class DatapathKeys
{
    public static KeyGroup All { get; } = new(new Dictionary<string, ConfigurationKey>
    {
        ["bpf"] = Bpf(),
        ["bpfRoot"] = Text(static (o, value) => o.BpfRoot = value),
        ["cgroupRoot"] = Text(static (o, value) => o.CgroupRoot = value),
        ["defaultLBServiceIPAM"] = Choice<LoadBalancerIpam>(static (o, value) => o.LoadBalancer.DefaultIpam = value),
        ["enableIPv4Masquerade"] = Switch(static (o, value) => o.Masquerade.EnableIPv4 = value),
        ["enableIPv6Masquerade"] = Switch(static (o, value) => o.Masquerade.EnableIPv6 = value),
        ["externalIPs"] = Enabled(static (o, value) => o.EnableExternalIPs = value),
        ["hostNetworkNamespace"] = Text(static (o, value) => o.HostNetworkNamespace = value),
        ["ipMasqAgent"] = MasqueradeKeys.Agent(),
        ["ipv4"] = Enabled(static (o, value) => o.EnableIPv4 = value),
        ["ipv4NativeRoutingCIDR"] = Network(static (o, value) => o.Masquerade.IPv4NativeRoutingCidr = value),
        ["ipv6"] = Enabled(static (o, value) => o.EnableIPv6 = value),
        ["ipv6NativeRoutingCIDR"] = Network(static (o, value) => o.Masquerade.IPv6NativeRoutingCidr = value),
        ["kubernetes"] = KubernetesKeys.Kubernetes(),
        ["kubeProxyReplacement"] = Switch(static (o, value) => o.KubeProxyReplacement = value),
        ["lifetime"] = Choice<DatapathLifetime>(static (o, value) => o.Lifetime = value),
        ["loadBalancer"] = LoadBalancer(),
        ["localRedirectPolicies"] = LocalRedirectPolicies(),
        ["maglev"] = new KeyGroup(new Dictionary<string, ConfigurationKey> { ["tableSize"] = Number(static (o, value) => o.LoadBalancer.MaglevTableSize = value) }),
        ["masquerade"] = MasqueradeKeys.Masquerade(),
        ["maxFrontends"] = Number(static (o, value) => o.MaxFrontends = value),
        ["stopTimeout"] = Number(static (o, value) => o.StopTimeout = TimeSpan.FromSeconds(value)),
        ["maxSlots"] = Number(static (o, value) => o.MaxSlots = value),
        ["maxStickyClients"] = Number(static (o, value) => o.MaxStickyClients = value),
        ["monitor"] = new KeyGroup(new Dictionary<string, ConfigurationKey> { ["bufferSize"] = Number(static (o, value) => o.MonitorBufferSize = value) }),
        ["noBackend"] = Choice<NoBackendReply>(static (o, value) => o.NoBackend = value),
        ["node"] = Node(),
        ["nodePort"] = NodePort(),
        ["services"] = Enabled(static (o, value) => o.EnableServices = value),
        ["sessionAffinity"] = SessionAffinity(),
        ["socketLB"] = SocketLb(),
        ["staleTcp"] = Choice<StaleTcpPolicy>(static (o, value) => o.StaleTcp = value),
    });

    private static KeyGroup Bpf() => new(new Dictionary<string, ConfigurationKey>
    {
        ["disableExternalIPMitigation"] = Switch(static (o, value) => o.ExternalIPsAnywhere = value),
        ["lbAlgorithmAnnotation"] = Switch(static (o, value) => o.LoadBalancer.AllowAlgorithmAnnotation = value),
        ["lbExternalClusterIP"] = Switch(static (o, value) => o.LoadBalancer.ExternalClusterIP = value),
        ["lbModeAnnotation"] = Switch(static (o, value) => o.LoadBalancer.AllowModeAnnotation = value),
        ["lbSourceRangeAllTypes"] = Switch(static (o, value) => o.LoadBalancer.SourceRangeAllTypes = value),
        ["lbWildcardEntries"] = Switch(static (o, value) => o.LoadBalancer.WildcardEntries = value),
    });

    private static KeyGroup LoadBalancer() => new(new Dictionary<string, ConfigurationKey>
    {
        ["algorithm"] = Choice<LoadBalancingAlgorithm>(static (o, value) => o.LoadBalancer.Algorithm = value),
        ["healthCheckAnnotation"] = Text(static (o, value) => o.LoadBalancer.HealthCheckAnnotation = value),
        ["mode"] = Choice<ForwardingDefault>(static (o, value) => o.LoadBalancer.Mode = value),
        ["serviceTopology"] = Switch(static (o, value) => o.LoadBalancer.ServiceTopology = value),
    });

    private static KeyGroup LocalRedirectPolicies() => new(new Dictionary<string, ConfigurationKey>
    {
        ["addressMatcherCIDRs"] = Networks(static o => o.LocalRedirect.AddressMatcherCidrs),
        ["enabled"] = Switch(static (o, value) => o.LocalRedirect.Enabled = value),
    });

    private static KeyGroup Node() => new(new Dictionary<string, ConfigurationKey>
    {
        ["addresses"] = new ListKey<IPAddress>(ValueForms.Address, "IP addresses", static (o, values) => o.Node.Addresses = values),
        ["labels"] = new TextsKey(static (o, name, value) => o.Node.Labels[name] = value),
        ["name"] = Text(static (o, value) => o.Node.Name = value),
        ["zone"] = Text(static (o, value) => o.Node.Zone = value),
    });

    private static KeyGroup NodePort() => new(new Dictionary<string, ConfigurationKey>
    {
        ["addresses"] = Networks(static o => o.NodePort.Addresses),
        ["bindProtection"] = Switch(static (o, value) => o.NodePort.BindProtection = value),
        ["range"] = new ValueKey<PortRange>(ValueForms.Ports, static (o, value) => o.NodePort.Range = value),
    });

    private static KeyGroup SessionAffinity() => new(new Dictionary<string, ConfigurationKey>
    {
        ["byCgroup"] = Switch(static (o, value) => o.SessionAffinity.ByCgroup = value),
    });

    private static KeyGroup SocketLb() => new(new Dictionary<string, ConfigurationKey>
    {
        ["exemptCgroups"] = Paths(static o => o.SocketLb.ExemptCgroups),
        ["exemptNetworkNamespaces"] = Paths(static o => o.SocketLb.ExemptNetworkNamespaces),
        ["hostNamespaceOnly"] = Switch(static (o, value) => o.SocketLb.HostNamespaceOnly = value),
        ["connectFallback"] = Number(static (o, value) => o.SocketLb.ConnectFallback = TimeSpan.FromSeconds(value)),
    });

    internal static KeyGroup Enabled(Action<DatapathOptions, bool> set) =>
        new(new Dictionary<string, ConfigurationKey> { ["enabled"] = Switch(set) });

    internal static ValueKey<string> Text(Action<DatapathOptions, string> set) => new(ValueForms.Text, set);

    internal static ValueKey<bool> Switch(Action<DatapathOptions, bool> set) => new(ValueForms.Switch, set);

    internal static ValueKey<int> Number(Action<DatapathOptions, int> set) => new(ValueForms.Number, set);

    internal static ValueKey<T> Choice<T>(Action<DatapathOptions, T> set)
        where T : struct, Enum => new(ValueForms.Choice<T>(), set);

    internal static ValueKey<IPNetwork> Network(Action<DatapathOptions, IPNetwork> set) => new(ValueForms.Network, set);

    internal static ListKey<IPNetwork> Networks(Func<DatapathOptions, IList<IPNetwork>> list) => List(ValueForms.Network, "ranges such as 10.0.0.0/8", list);

    internal static ListKey<T> List<T>(ValueForm<T> form, string items, Func<DatapathOptions, IList<T>> list) => new(
        form, items, (o, values) =>
        {
            list(o).Clear();
            values.ForEach(list(o).Add);
        });

    private static ListKey<string> Paths(Func<DatapathOptions, IList<string>> list) => List(ValueForms.Text, "paths", list);
}
