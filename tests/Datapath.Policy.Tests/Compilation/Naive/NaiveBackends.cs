using System.Net;

namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>What a backend is, and what decides which frontends it is for.</summary>
internal sealed record NaiveBackend(Backend Backend, HashSet<string> PortNames, string[] Zones)
{
    /// <summary>Same protocol, same family, and the name if both have one.</summary>
    public bool Fits(L4Address address, string portName) =>
        Backend.Address.Protocol == address.Protocol && Backend.Address.IsIPv4 == address.IsIPv4
        && (portName.Length == 0 || PortNames.Count == 0 || PortNames.Contains(portName));
}

/// <summary>The backends of a service, and those of a frontend.</summary>
internal static class NaiveBackends
{
    private static readonly IPAddress s_placeholder = IPAddress.Parse("192.192.192.192");

    public static List<NaiveBackend> Of(Service service, NaiveCluster cluster)
    {
        var candidates =
            from slice in cluster.Slices
            where slice.ServiceName == service.ServiceName && slice.AddressType is not AddressType.Fqdn
            from endpoint in slice.Endpoints
            from ip in endpoint.Addresses
            from port in slice.Ports
            where port.Port is not null
            let address = new L4Address(IPAddress.Parse(ip), (ushort)port.Port!, port.Protocol)
            where cluster.HasFamily(address) && !IsPlaceholder(address)
            let state = slice.Weight == 0 ? BackendState.Maintenance : endpoint.Conditions.State
            let weight = slice.Weight == 0 ? Backend.DefaultWeight : slice.Weight
            let node = string.IsNullOrEmpty(endpoint.NodeName) ? null : endpoint.NodeName
            let zones = string.IsNullOrEmpty(endpoint.Zone) ? [] : endpoint.Hints?.Zones.ToArray() ?? []
            orderby state, node is null, node, weight descending, zones.Length == 0, string.Join(',', zones), port.Name
            select (Backend: new Backend(address, state, node) { Weight = weight }, port.Name, Zones: zones);
        var merged =
            from candidate in candidates
            group candidate by candidate.Backend.Address into same
            let best = same.First()
            select new NaiveBackend(best.Backend, [.. same.Select(other => other.Name).Where(name => name.Length > 0)], best.Zones);
        return [.. IsHealthChecked(service, cluster.Node) ? merged.SelectMany(backend => Checked(backend, service, cluster)) : merged];
    }

    public static Frontend Fill(Frontend frontend, Service service, List<NaiveBackend> all, NaiveCluster cluster)
    {
        var fitting = all.Where(backend => backend.Fits(frontend.Address, frontend.PortName));
        if (IsLocalOnly(frontend, service.Spec))
            fitting = fitting.Where(backend => backend.Backend.NodeName is null || backend.Backend.NodeName == cluster.Node.Name);
        return Fill(frontend, NaiveTopology.Prefer([.. fitting], service, cluster).Select(backend => backend.Backend));
    }

    public static Frontend Fill(Frontend frontend, IEnumerable<Backend> backends)
    {
        var ordered = backends.OrderBy(backend => backend.IsUnhealthy).ThenBy(backend => backend.State).ThenBy(backend => backend.Address).ToList();
        var active = ordered.Count(backend => !backend.IsUnhealthy && backend.State is BackendState.Active);
        var terminating = ordered.Count(backend => !backend.IsUnhealthy && backend.State is BackendState.Terminating);
        return frontend with { Backends = [.. ordered], UsableCount = active > 0 ? active : terminating };
    }

    private static bool IsLocalOnly(Frontend frontend, ServiceSpec spec) =>
        (frontend.Type is FrontendType.ClusterIP || frontend.Scope is FrontendScope.Internal
            ? spec.InternalTrafficPolicy
            : spec.ExternalTrafficPolicy) is TrafficPolicy.Local;

    /// <summary>What ingress controllers write where there must be an endpoint and is none.</summary>
    private static bool IsPlaceholder(L4Address address) => address.Address.Equals(s_placeholder) && address.Port == 9999;

    private static bool IsHealthChecked(Service service, NodeConfiguration node) =>
        node.HealthCheckAnnotation is { } name && service.Metadata.Annotations.GetValueOrDefault(name) is { Length: > 0 };

    private static NaiveBackend[] Checked(NaiveBackend backend, Service service, NaiveCluster cluster)
    {
        if (cluster.Health.TryGetValue((service.ServiceName, backend.Backend.Address), out var isHealthy))
            return [backend with { Backend = backend.Backend with { IsUnhealthy = !isHealthy } }];
        return backend.Backend.State is BackendState.Active ? [] : [backend];
    }
}
