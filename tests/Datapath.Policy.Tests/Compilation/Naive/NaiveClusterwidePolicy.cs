using System.Net;

namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>What a ClusterLocalRedirectPolicy would do.</summary>
internal sealed class NaiveClusterwidePolicy(ClusterLocalRedirectPolicy policy, NaiveCluster cluster)
    : NaivePolicy(policy, policy.Backend.Namespace, policy.Backend.Selector, policy.ClientSelector, cluster)
{
    public override int Priority => policy.Priority;

    protected override bool Drops => policy.OnNoBackend is NoBackendAction.Drop;

    protected override bool Skips => policy.SkipRedirectFromBackend;

    public override IEnumerable<Backend>? BackendsFor(Frontend frontend, ServiceName service)
    {
        var ports = policy.Frontends.Where(item => item.Service is { } other && service == new ServiceName(other.Namespace, other.Name))
            .Select(item => item.Ports.IsEmpty ? PortOfAll(frontend) : item.Ports
                .Where(port => IsMeant(port, frontend.Address)).Select(port => (int?)BackendPort(port, frontend.Address.Port)).FirstOrDefault());
        return ports.FirstOrDefault(port => port is not null) is { } found ? At(frontend.Address, found) : null;
    }

    public override IEnumerable<NaiveTarget> Targets() =>
        from item in Written()
        let last = item.Port.EndPort ?? item.Port.Port
        let range = new NaiveRange(item.Prefix, (ushort)item.Port.Port, (ushort)last, item.Port.Protocol)
        select new NaiveTarget(range, "", [.. At(range.Start, BackendPort(item.Port, range.IsExact ? range.First : 0))]);

    private IEnumerable<(IPNetwork Prefix, ClusterFrontendPort Port)> Written() =>
        from frontend in policy.Frontends
        from text in frontend.Addresses
        let prefix = text.Contains('/') ? IPNetwork.Parse(text) : new IPNetwork(IPAddress.Parse(text), text.Contains(':') ? 128 : 32)
        where Cluster.HasFamily(prefix)
        from port in frontend.Ports
        select (prefix, port);

    private IEnumerable<Backend> At(L4Address dialled, int port)
    {
        if (policy.Backend.BackendAddress is not { } text)
            return Qualifying.SelectMany(pod => At(pod, dialled, port));
        var instead = Backend(text, dialled, port);
        return Qualifying.Count > 0 && instead.Address.IsIPv4 == dialled.IsIPv4 ? [instead] : [];
    }

    /// <summary>The port of the policy that stands for the dialled one. Validation has seen to it that there is exactly one.</summary>
    private int BackendPort(ClusterFrontendPort port, int dialled)
    {
        if (policy.Backend.Ports.IsEmpty)
            return dialled;
        return port.BackendPort.Length > 0
            ? policy.Backend.Ports.Single(backend => backend.Name == port.BackendPort).Port
            : policy.Backend.Ports.Single(backend => backend.Protocol == port.Protocol).Port;
    }

    /// <summary>The port of the policy that stands for a port of a service of which all ports are meant, if one does.</summary>
    private int? PortOfAll(Frontend frontend)
    {
        if (policy.Backend.Ports.IsEmpty)
            return frontend.Address.Port;
        var fitting = policy.Backend.Ports.Where(backend => backend.Protocol == frontend.Address.Protocol).ToList();
        var named = fitting.Find(backend => backend.Name.Length > 0 && backend.Name == frontend.PortName);
        return (named ?? (fitting is [var only] ? only : null))?.Port;
    }

    private static bool IsMeant(ClusterFrontendPort port, L4Address dialled) =>
        port.Protocol == dialled.Protocol && port.Port <= dialled.Port && dialled.Port <= (port.EndPort ?? port.Port);
}
