using System.Collections.Immutable;
using System.Net;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// What a hosted datapath is to be. The names of the configuration keys stand with each option; they are those of the values in Cilium's Helm
/// chart where it has one.
/// </summary>
public sealed class DatapathOptions
{
    /// <summary>
    /// <c>cgroupRoot</c>: the cgroup v2 directory whose processes are served. Default: the root of the cgroup2 mount, that is every process
    /// of the machine.
    /// </summary>
    public string? CgroupRoot { get; set; }

    /// <summary><c>bpfRoot</c>: the folder for pins on the bpf filesystem, of this datapath alone. Default: <c>/sys/fs/bpf/datapath</c>.</summary>
    public string BpfRoot { get; set; } = "/sys/fs/bpf/datapath";

    /// <summary><c>lifetime</c>: <c>pinned</c> (default) or <c>process</c>.</summary>
    public DatapathLifetime Lifetime { get; set; }

    /// <summary>
    /// <c>hostNetworkNamespace</c>: the network namespace whose programs are the host's own, and whose devices have the node's addresses, by an absolute path.
    /// Default: <c>/proc/self/ns/net</c>, that of this process.
    /// </summary>
    public string HostNetworkNamespace { get; set; } = "/proc/self/ns/net";

    /// <summary><c>noBackend</c>: what a dial to a service without usable backends gets, <c>refuse</c> (default) or <c>unreachable</c>.</summary>
    public NoBackendReply NoBackend { get; set; }

    /// <summary>
    /// <c>staleTcp</c>: which TCP connections are ended when their frontend no longer leads to their backend, <c>whenBackendIsGone</c> (default),
    /// <c>always</c> or <c>never</c>.
    /// </summary>
    public StaleTcpPolicy StaleTcp { get; set; }

    /// <summary><c>maxFrontends</c>: the most frontends of each family, 1 to 16777216. Default: 65536.</summary>
    public int MaxFrontends { get; set; } = 65536;

    /// <summary><c>maxSlots</c>: the most slots of each family, 64 to 16777216, see <see cref="LinuxDatapathOptions.MaxSlots"/>. Default: 262144.</summary>
    public int MaxSlots { get; set; } = 262144;

    /// <summary>
    /// <c>maxStickyClients</c>: the most clients that stay with a backend, 1 to 16777216, see <see cref="LinuxDatapathOptions.MaxStickyClients"/>.
    /// Default: 65536.
    /// </summary>
    public int MaxStickyClients { get; set; } = 65536;

    /// <summary>
    /// <c>monitor:bufferSize</c>: bytes for dials that a listener has not read yet, a power of two, 4096 to 536870912, see
    /// <see cref="LinuxDatapathOptions.TraceBufferSize"/>. Default: 1048576.
    /// </summary>
    public int MonitorBufferSize { get; set; } = 1 << 20;

    /// <summary>
    /// <c>stopTimeout</c>, in the configuration in whole seconds: how long a stop waits for sources and watches to end, 1 to 3600. What has not ended by then is left behind, and
    /// named in the log. Default: 10 seconds.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary><c>services:enabled</c>: whether services and redirect policies are served. Default: yes.</summary>
    public bool EnableServices { get; set; } = true;

    /// <summary><c>ipv4:enabled</c>: whether IPv4 is served. Default: yes.</summary>
    public bool EnableIPv4 { get; set; } = true;

    /// <summary><c>ipv6:enabled</c>: whether IPv6 is served. Default: yes.</summary>
    public bool EnableIPv6 { get; set; } = true;

    /// <summary><c>kubeProxyReplacement</c>: whether node ports and host ports are served. Default: yes.</summary>
    public bool KubeProxyReplacement { get; set; } = true;

    /// <summary><c>externalIPs:enabled</c>: whether external IPs of services are served. Default: yes.</summary>
    public bool EnableExternalIPs { get; set; } = true;

    /// <summary>
    /// <c>bpf:disableExternalIPMitigation</c>: whether programs of this node are served at external IPs that are not the node's own, too, so
    /// that whoever may write a service can take their dials to any address (CVE-2020-8554). Default: no.
    /// </summary>
    public bool ExternalIPsAnywhere { get; set; }

    /// <summary><c>node</c>: the machine.</summary>
    public NodeOptions Node { get; } = new();

    /// <summary><c>nodePort</c>: node ports.</summary>
    public NodePortOptions NodePort { get; } = new();

    /// <summary><c>loadBalancer</c>, <c>maglev</c> and <c>bpf</c>: how services are balanced.</summary>
    public LoadBalancerOptions LoadBalancer { get; } = new();

    /// <summary><c>localRedirectPolicies</c>: redirect policies.</summary>
    public LocalRedirectOptions LocalRedirect { get; } = new();

    /// <summary><c>masquerade</c>, <c>ipMasqAgent</c> and the native-routing ranges: packets that leave with another source address.</summary>
    public MasqueradeOptions Masquerade { get; } = new();

    /// <summary><c>sessionAffinity</c>: clients that stay with their backend.</summary>
    public SessionAffinityOptions SessionAffinity { get; } = new();

    /// <summary><c>socketLB</c>: how programs' dials are balanced.</summary>
    public SocketLbOptions SocketLb { get; } = new();

    /// <summary><c>kubernetes</c>: the cluster whose objects are followed.</summary>
    public KubernetesOptions Kubernetes { get; } = new();

    /// <summary>What the configuration says that could not be read. Kept until the validation, which names all mistakes in one go.</summary>
    internal ImmutableArray<string> Unreadable { get; set; } = [];

    /// <summary>The same, for the engine.</summary>
    public LinuxDatapathOptions ToEngineOptions() => new()
    {
        CgroupRoot = CgroupRoot,
        BpfRoot = BpfRoot,
        Lifetime = Lifetime,
        HostNetworkNamespace = HostNetworkNamespace,
        HostNamespaceOnly = SocketLb.HostNamespaceOnly,
        BindProtection = NodePort.BindProtection,
        NoBackend = NoBackend,
        StaleTcp = StaleTcp,
        MaxFrontends = MaxFrontends,
        MaxSlots = MaxSlots,
        MaxStickyClients = MaxStickyClients,
        AffinityByCgroup = SessionAffinity.ByCgroup,
        ConnectFallback = SocketLb.ConnectFallback,
        ExemptCgroups = SocketLb.ExemptCgroups.ToImmutableArray(),
        ExemptNetworkNamespaces = SocketLb.ExemptNetworkNamespaces.ToImmutableArray(),
        TraceBufferSize = MonitorBufferSize,
    };

    /// <summary>The same, for the eBPF engine of masquerading, whose pins are beside those of services.</summary>
    public LinuxMasqueradeOptions ToMasqueradeOptions() => new()
    {
        Devices = [.. Masquerade.Devices],
        NodeAddresses = [.. Node.Addresses ?? []],
        Lifetime = Lifetime,
        BpfRoot = $"{Path.TrimEndingDirectorySeparator(BpfRoot)}-masquerade",
        FirstPort = Masquerade.Ports.First,
        LastPort = Masquerade.Ports.Last,
        ReservedPorts = Masquerade.AllReservedPorts,
        MaxFlows = Masquerade.MaxFlows,
        PortMapping = Masquerade.PortMapping,
        Untranslatable = Masquerade.Untranslatable,
    };

    /// <summary>The same, for the nftables engine.</summary>
    public NftablesMasqueradeOptions ToNftablesOptions() => new()
    {
        Devices = [.. Masquerade.Devices],
        NodeAddresses = [.. Node.Addresses ?? []],
        Owner = MasqueradeOwner.Of(ToMasqueradeOptions().BpfRoot),
        Lifetime = Lifetime,
        FirstPort = Masquerade.Ports.First,
        LastPort = Masquerade.Ports.Last,
    };

    /// <summary>The same, for the compiler.</summary>
    /// <param name="deviceAddresses">The addresses of the machine's devices, which count unless <see cref="NodeOptions.Addresses"/> says others. Default: none.</param>
    public NodeConfiguration ToNodeConfiguration(IEnumerable<IPAddress>? deviceAddresses = null) => new()
    {
        Name = Node.Name,
        Labels = Node.Labels.ToImmutableDictionary(),
        Zone = Node.Zone,
        Addresses = [.. (Node.Addresses ?? deviceAddresses ?? []).Select(address => new LocalAddress(address, NodePort.IsOfferedAt(address)))],
        EnableIPv4 = EnableIPv4,
        EnableIPv6 = EnableIPv6,
        KubeProxyReplacement = KubeProxyReplacement,
        EnableExternalIPs = EnableExternalIPs,
        ExternalIPsAnywhere = ExternalIPsAnywhere,
        EnableLocalRedirect = LocalRedirect.Enabled,
        AddressMatcherCidrs = [.. LocalRedirect.AddressMatcherCidrs],
        Algorithm = LoadBalancer.Algorithm,
        AllowAlgorithmAnnotation = LoadBalancer.AllowAlgorithmAnnotation,
        Forwarding = LoadBalancer.Mode,
        AllowForwardingAnnotation = LoadBalancer.AllowModeAnnotation,
        ExternalClusterIP = LoadBalancer.ExternalClusterIP,
        SourceRangeAllTypes = LoadBalancer.SourceRangeAllTypes,
        ServiceTopology = LoadBalancer.ServiceTopology,
        WildcardEntries = LoadBalancer.WildcardEntries,
        DefaultLoadBalancerClass = LoadBalancer.DefaultIpam is LoadBalancerIpam.Lbipam,
        NodePortRange = NodePort.Range,
        MaglevTableSize = LoadBalancer.MaglevTableSize,
        HealthCheckAnnotation = LoadBalancer.HealthCheckAnnotation,
    };
}
