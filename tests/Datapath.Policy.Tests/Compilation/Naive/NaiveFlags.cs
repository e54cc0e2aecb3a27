using System.Net;

namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>What the datapath has to know of a frontend beside its addresses and backends.</summary>
internal static class NaiveFlags
{
    private static readonly string[] s_knownClasses = ["io.cilium/bgp-control-plane", "io.cilium/l2-announcer"];

    /// <summary>Adds what follows from the service and the node to a frontend that has address, type, scope and port name.</summary>
    public static Frontend Complete(Frontend frontend, Service service, NodeConfiguration node)
    {
        var algorithm = node.AllowAlgorithmAnnotation ? ServiceAnnotations.Of(service).Algorithm : null;
        return frontend with
        {
            Flags = OfType(frontend.Type) | OfPolicies(frontend.Type, service.Spec) | OfRanges(frontend, service, node)
                | If(service.Spec.SessionAffinity is SessionAffinity.ClientIP, FrontendFlags.SessionAffinity)
                | If(ServiceAnnotations.Of(service).ProxyDelegation is ProxyDelegation.DelegateIfLocal, FrontendFlags.LoopbackOrDelegate)
                | Routable(frontend, node) | DirectReturn(frontend, service, node),
            Algorithm = algorithm,
            UsesMaglev = algorithm is null ? UsesMaglev(frontend.Type, node) : algorithm is LoadBalancingAlgorithm.Maglev,
            AffinitySeconds = service.Spec.SessionAffinity is SessionAffinity.ClientIP ? service.Spec.SessionAffinityTimeoutSeconds : 0,
            SourceRanges = [.. Ranges(frontend, service).Distinct()],
            GuardsAddress = Guards(frontend, service, node),
            IsAtNode = IsAtNode(frontend, node),
            StaleTcp = ServiceAnnotations.Of(service).StaleTcp,
        };
    }

    public static bool HasTwoScopes(FrontendType type, ServiceSpec spec) =>
        type is not FrontendType.ClusterIP && spec.InternalTrafficPolicy != spec.ExternalTrafficPolicy;

    public static FrontendFlags OfType(FrontendType type) => type switch
    {
        FrontendType.ExternalIPs => FrontendFlags.ExternalIPs,
        FrontendType.NodePort => FrontendFlags.NodePort,
        FrontendType.HostPort => FrontendFlags.HostPort,
        FrontendType.LoadBalancer => FrontendFlags.LoadBalancer,
        FrontendType.LocalRedirect => FrontendFlags.LocalRedirect,
        _ => FrontendFlags.None,
    };

    public static FrontendFlags Routable(Frontend frontend, NodeConfiguration node) => If(
        !frontend.Address.IsUnspecified && (frontend.Type is not FrontendType.ClusterIP || node.ExternalClusterIP), FrontendFlags.Routable);

    /// <summary>Direct server return as the node says.</summary>
    public static FrontendFlags DirectReturn(Frontend frontend, NodeConfiguration node) => If(
        node.Forwarding is ForwardingDefault.Dsr
            || (node.Forwarding is ForwardingDefault.Hybrid && frontend.Address.Protocol is L4Protocol.Tcp),
        FrontendFlags.DirectServerReturn);

    public static bool UsesMaglev(FrontendType type, NodeConfiguration node) =>
        node.Algorithm is LoadBalancingAlgorithm.Maglev && type is not FrontendType.LocalRedirect
        && (type is not FrontendType.ClusterIP || node.ExternalClusterIP);

    /// <summary>Whether it is on a device of the node, or is served as if it were.</summary>
    public static bool IsAtNode(Frontend frontend, NodeConfiguration node) =>
        frontend.Type is FrontendType.ExternalIPs or FrontendType.LoadBalancer or FrontendType.HostPort
        && (node.Addresses.Any(local => local.Address.Equals(frontend.Address.Address))
            || (node.ExternalIPsAnywhere && frontend.Type is FrontendType.ExternalIPs));

    private static FrontendFlags DirectReturn(Frontend frontend, Service service, NodeConfiguration node) =>
        node.AllowForwardingAnnotation && ServiceAnnotations.Of(service).ForwardingMode is { } mode
            ? If(mode is ForwardingMode.Dsr, FrontendFlags.DirectServerReturn)
            : DirectReturn(frontend, node);

    private static FrontendFlags OfPolicies(FrontendType type, ServiceSpec spec) =>
        If(spec.ExternalTrafficPolicy is TrafficPolicy.Local, FrontendFlags.ExternalLocal)
        | If(spec.InternalTrafficPolicy is TrafficPolicy.Local, FrontendFlags.InternalLocal)
        | If(HasTwoScopes(type, spec), FrontendFlags.TwoScopes);

    private static FrontendFlags OfRanges(Frontend frontend, Service service, NodeConfiguration node)
    {
        if (!Ranges(frontend, service).Any()
            || !(node.SourceRangeAllTypes || frontend.Type is FrontendType.LoadBalancer or FrontendType.ExternalIPs))
            return FrontendFlags.None;
        return FrontendFlags.CheckSourceRange
            | If(ServiceAnnotations.Of(service).SourceRangesPolicy is SourceRangesPolicy.Deny, FrontendFlags.SourceRangeDeny);
    }

    private static IEnumerable<IPNetwork> Ranges(Frontend frontend, Service service) =>
        from text in service.Spec.LoadBalancerSourceRanges
        where text.Contains(':') != frontend.Address.IsIPv4
        select Range(text);

    /// <summary>Blanks around the text and bits beyond the prefix are harmless.</summary>
    private static IPNetwork Range(string text) =>
        IPRange.TryParse(text.AsSpan().Trim(), out var range, out _)
            ? new(range.First.WithPort(0, L4Protocol.Tcp).Address, range.Length)
            : throw new FormatException(text);

    private static bool Guards(Frontend frontend, Service service, NodeConfiguration node) =>
        node.WildcardEntries && frontend.Type is FrontendType.ClusterIP or FrontendType.LoadBalancer
        && frontend.Scope is FrontendScope.External
        && (service.Spec.LoadBalancerClass is { } name ? s_knownClasses.Contains(name) : node.DefaultLoadBalancerClass)
        && !node.Addresses.Any(local => local.Address.Equals(frontend.Address.Address));

    private static FrontendFlags If(bool condition, FrontendFlags flag) => condition ? flag : FrontendFlags.None;
}
