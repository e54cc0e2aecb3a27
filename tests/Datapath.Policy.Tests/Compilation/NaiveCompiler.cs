using System.Net;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>The rules once more, without a thought for speed: everything at once, from the objects that exist.</summary>
internal static class NaiveCompiler
{
    public static Dictionary<ServiceName, DesiredService> Compile(IReadOnlyCollection<KubernetesObject> objects, string node)
    {
        var services = objects.OfType<Service>().Where(IsValid)
            .Where(service => !service.Metadata.Labels.ContainsKey("service.kubernetes.io/service-proxy-name"))
            .OrderBy(service => service.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue)
            .ThenBy(service => service.Metadata.Namespace, StringComparer.Ordinal).ThenBy(service => service.Metadata.Name, StringComparer.Ordinal);
        var slices = objects.OfType<EndpointSlice>().Where(IsValid).Where(slice => slice.AddressType is not AddressType.Fqdn).ToList();
        var taken = new HashSet<L4Address>();
        var result = new Dictionary<ServiceName, DesiredService>();
        foreach (var service in services)
        {
            var addresses = Addresses(service).ToList();
            if (addresses.Exists(claim => taken.Contains(claim.Address)))
                continue;
            taken.UnionWith(addresses.Select(claim => claim.Address));
            var own = slices.Where(slice => slice.ServiceName == service.ServiceName).ToList();
            result[service.ServiceName] = new(service.ServiceName, [.. addresses.Select(claim => Frontend(claim.Address, claim.Port, service, own, node))]);
        }

        return result;
    }

    private static bool IsValid(KubernetesObject item)
    {
        var issues = new IssueList();
        ObjectValidator.Validate(item, issues);
        return !issues.HasErrors;
    }

    private static IEnumerable<(L4Address Address, string Port)> Addresses(Service service)
    {
        var spec = service.Spec;
        string?[] ips = spec.ClusterIPs.IsEmpty ? [spec.ClusterIP] : [.. spec.ClusterIPs];
        if (spec.Type is ServiceType.ExternalName || service.Metadata.Labels.ContainsKey("service.kubernetes.io/headless"))
            yield break;
        foreach (var ip in ips.Where(ip => ip is not null and not "None"))
        {
            foreach (var port in spec.Ports)
                yield return (new(IPAddress.Parse(ip!), (ushort)port.Port, port.Protocol), port.Name);
        }
    }

    private static Frontend Frontend(L4Address address, string portName, Service service, List<EndpointSlice> slices, string node)
    {
        var all =
            from slice in slices
            from endpoint in slice.Endpoints
            from ip in endpoint.Addresses
            from port in slice.Ports
            where port.Port is not null
            let backend = new Backend(new(IPAddress.Parse(ip), (ushort)port.Port!, port.Protocol), State(endpoint.Conditions), endpoint.NodeName)
            group (backend, port.Name) by backend.Address into same
            let best = same.Select(pair => pair.backend).OrderBy(backend => backend.State).ThenBy(backend => backend.NodeName is null)
                .ThenBy(backend => backend.NodeName, StringComparer.Ordinal).First()
            let names = same.Select(pair => pair.Name).Where(name => name.Length > 0).ToHashSet()
            where best.Address.Protocol == address.Protocol && best.Address.IsIPv4 == address.IsIPv4
            where portName.Length == 0 || names.Count == 0 || names.Contains(portName)
            where service.Spec.InternalTrafficPolicy is TrafficPolicy.Cluster || best.NodeName is null || best.NodeName == node
            orderby best.State, best.Address
            select best;
        var backends = all.ToList();
        var active = backends.Count(backend => backend.State is BackendState.Active);
        return new()
        {
            Address = address,
            PortName = portName,
            Backends = [.. backends],
            UsableCount = active > 0 ? active : backends.Count(backend => backend.State is BackendState.Terminating),
        };
    }

    private static BackendState State(EndpointConditions conditions)
    {
        if (conditions.Ready != false)
            return BackendState.Active;
        if (conditions.Terminating != true)
            return BackendState.Maintenance;
        return conditions.Serving != false ? BackendState.Terminating : BackendState.TerminatingNotServing;
    }
}
