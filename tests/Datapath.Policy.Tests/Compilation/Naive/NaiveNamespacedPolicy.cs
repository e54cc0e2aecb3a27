using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>What a CiliumLocalRedirectPolicy would do.</summary>
internal sealed class NaiveNamespacedPolicy(CiliumLocalRedirectPolicy policy, NaiveCluster cluster)
    : NaivePolicy(policy, policy.Metadata.Namespace, policy.Backend.LocalEndpointSelector, ClientSelector.Everybody, cluster)
{
    private readonly RedirectAddressMatcher? _address = policy.Frontend.AddressMatcher;
    private readonly RedirectServiceMatcher? _service = policy.Frontend.ServiceMatcher;

    public override int Priority => 0;

    protected override bool Drops => policy.OnNoBackend is NoBackendAction.Drop;

    protected override bool Skips => policy.SkipRedirectFromBackend;

    private ImmutableArray<RedirectPort> FrontendPorts => _address?.ToPorts ?? _service!.ToPorts;

    /// <summary>A policy with one frontend port knows only its first backend port.</summary>
    private ImmutableArray<RedirectPort> BackendPorts =>
        FrontendPorts.Length == 1 ? [policy.Backend.ToPorts[0]] : policy.Backend.ToPorts;

    /// <summary>Several frontend ports are told apart by name; so are several backend ports where all frontends are meant.</summary>
    private bool UsesNames => FrontendPorts.Length > 1 || (FrontendPorts.Length == 0 && BackendPorts.Length > 1);

    public override IEnumerable<Backend>? BackendsFor(Frontend frontend, ServiceName service)
    {
        if (_service is null || service != new ServiceName(_service.Namespace, _service.ServiceName))
            return null;
        var (port, protocol) = (frontend.Address.Port, frontend.Address.Protocol);
        var isMeant = FrontendPorts.IsEmpty || FrontendPorts.Any(entry => entry.Port == port && entry.Protocol == protocol);
        var isPaired = BackendPorts.Length == 1 || BackendPorts.Any(entry => entry.Name == frontend.PortName);
        return isMeant && isPaired && BackendPorts.Any(entry => entry.Protocol == protocol)
            ? Fitting(frontend.Address, frontend.PortName)
            : null;
    }

    public override IEnumerable<NaiveTarget> Targets()
    {
        if (_address is null)
            return [];
        return
            from port in FrontendPorts
            let address = new L4Address(IPAddress.Parse(_address.IP), (ushort)port.Port, port.Protocol)
            where Cluster.HasFamily(address)
            let name = FrontendPorts.Length > 1 ? port.Name : ""
            let prefix = new IPNetwork(address.Address, address.IsIPv4 ? 32 : 128)
            select new NaiveTarget(new(prefix, address.Port, address.Port, address.Protocol), name, [.. Fitting(address, name)]);
    }

    /// <summary>The backends of the right protocol, family and, where both sides have one, name.</summary>
    private IEnumerable<Backend> Fitting(L4Address dialled, string portName) =>
        from pod in Qualifying
        from port in Ports(pod)
        where port.Protocol == dialled.Protocol
        from backend in At(pod, dialled, port.Port)
        group port.Name by backend into same
        where portName.Length == 0 || same.All(name => name.Length == 0) || same.Contains(portName)
        select same.Key;

    /// <summary>The ports at which a pod serves, with their names where names matter.</summary>
    private IEnumerable<RedirectPort> Ports(Pod pod)
    {
        var declared = NaiveHostPorts.Ports(pod).ToList();
        if (declared.Count == 0)
            return UsesNames ? [] : [BackendPorts[0] with { Name = "" }];
        return
            from port in declared
            where BackendPorts.Any(wanted => wanted.Port == port.Port && wanted.Protocol == port.Protocol)
            let name = port.Name.ToLowerInvariant()
            where !UsesNames || BackendPorts.Any(wanted => wanted.Name == name)
            select new RedirectPort { Port = port.Port, Protocol = port.Protocol, Name = UsesNames ? name : "" };
    }
}
