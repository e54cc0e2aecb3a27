using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>Which frontends a service asks for, before anybody looks whether the addresses are free.</summary>
internal static class NaiveFrontends
{
    private const string HeadlessLabel = "service.kubernetes.io/headless";
    private const string ProxyNameLabel = "service.kubernetes.io/service-proxy-name";

    /// <summary>Whether the service is somebody else's, or for other nodes.</summary>
    public static bool IsSkipped(Service service, NaiveCluster cluster) =>
        service.Metadata.Labels.ContainsKey(ProxyNameLabel) || !ServiceAnnotations.Of(service).IsForNode(cluster.NodeLabels);

    public static bool IsHeadless(Service service) =>
        service.Spec.Type is not ServiceType.ExternalName
        && (service.Metadata.Labels.ContainsKey(HeadlessLabel) || ClusterIPs(service.Spec).Append(service.Spec.ClusterIP).Any(IsNone));

    public static List<Frontend> Of(Service service, NaiveCluster cluster)
    {
        if (service.Spec.Type is ServiceType.ExternalName || IsHeadless(service))
            return [];
        var only = ServiceAnnotations.Of(service).Type;
        return
        [
            .. All(service)
                .Where(frontend => cluster.HasFamily(frontend.Address))
                .Where(frontend => cluster.Node.KubeProxyReplacement || frontend.Type is not FrontendType.NodePort)
                .Where(frontend => cluster.Node.EnableExternalIPs || frontend.Type is not FrontendType.ExternalIPs)
                .Where(frontend => only is null || frontend.Type.ToString() == only.ToString())
                .Where(frontend => !IsForNodePorts(frontend, cluster))
                .DistinctBy(frontend => (frontend.Address, frontend.Scope))
                .Select(frontend => NaiveFlags.Complete(frontend, service, cluster.Node)),
        ];
    }

    private static IEnumerable<Frontend> All(Service service) =>
    [
        .. Each(FrontendType.ClusterIP, ClusterIPs(service.Spec), service.Spec, port => port.Port),
        .. Each(FrontendType.NodePort, NodePortAddresses(service.Spec), service.Spec, port => port.NodePort),
        .. Each(FrontendType.LoadBalancer, IngressIPs(service), service.Spec, port => port.Port),
        .. Each(FrontendType.ExternalIPs, service.Spec.ExternalIPs, service.Spec, port => port.Port),
    ];

    private static IEnumerable<Frontend> Each(FrontendType type, IEnumerable<string?> addresses, ServiceSpec spec, Func<ServicePort, int> number) =>
        from address in addresses
        where !string.IsNullOrEmpty(address)
        from port in spec.Ports
        where number(port) > 0
        from scope in NaiveFlags.HasTwoScopes(type, spec) && type is not FrontendType.ExternalIPs
            ? new[] { FrontendScope.External, FrontendScope.Internal }
            : [FrontendScope.External]
        select new Frontend
        {
            Address = new(IPAddress.Parse(address), (ushort)number(port), port.Protocol),
            Type = type,
            Scope = scope,
            PortName = port.Name,
        };

    private static ImmutableArray<string> ClusterIPs(ServiceSpec spec) => spec.ClusterIPs.IsEmpty ? [spec.ClusterIP ?? ""] : spec.ClusterIPs;

    private static IEnumerable<string> NodePortAddresses(ServiceSpec spec)
    {
        if (spec.Type is not (ServiceType.NodePort or ServiceType.LoadBalancer))
            return [];
        var families = spec.IPFamilies.IsEmpty
            ? ClusterIPs(spec).Where(ip => ip.Length > 0).Select(ip => ip.Contains(':') ? IPFamily.IPv6 : IPFamily.IPv4)
            : spec.IPFamilies;
        return families.Distinct().Order().Select(family => family is IPFamily.IPv4 ? "0.0.0.0" : "::");
    }

    private static IEnumerable<string?> IngressIPs(Service service) => service.Spec.Type is ServiceType.LoadBalancer
        ? service.Status.LoadBalancerIngress.Where(point => point.IPMode is IPMode.Vip).Select(point => point.IP)
        : [];

    private static bool IsForNodePorts(Frontend frontend, NaiveCluster cluster) =>
        frontend.Type is FrontendType.LoadBalancer or FrontendType.ExternalIPs && cluster.Node.KubeProxyReplacement
        && cluster.Node.NodePortRange.Contains(frontend.Address.Port) && cluster.OffersNodePorts(frontend.Address.Address);

    private static bool IsNone(string? clusterIP) => "None".Equals(clusterIP, StringComparison.OrdinalIgnoreCase);
}
