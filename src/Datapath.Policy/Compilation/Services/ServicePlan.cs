namespace Datapath.Policy;

/// <summary>What a service wants, before its endpoints and the other services are looked at.</summary>
internal sealed class ServicePlan
{
    /// <summary>A service with this label, whatever its value, is headless.</summary>
    public const string HeadlessLabel = "service.kubernetes.io/headless";

    /// <summary>A service with this label is served by the proxy that the label names.</summary>
    public const string ProxyNameLabel = "service.kubernetes.io/service-proxy-name";

    private static readonly L4Address[] s_noAddresses = [];

    private ServicePlan(Service service, ServiceAnnotations annotations, FrontendPlan[] frontends)
    {
        (Service, Annotations, Frontends) = (service, annotations, frontends);
        Addresses = frontends.Length == 0 ? s_noAddresses : DistinctAddresses(frontends);
    }

    public Service Service { get; }

    public ServiceAnnotations Annotations { get; }

    /// <summary>The frontends, each address once in each scope.</summary>
    public FrontendPlan[] Frontends { get; }

    /// <summary>The addresses of the frontends, each once.</summary>
    public L4Address[] Addresses { get; }

    /// <summary>Why there are no frontends, if there are none.</summary>
    public ObjectCondition Condition { get; private init; }

    /// <summary>The words for <see cref="Condition"/>.</summary>
    public string? Message { get; private init; }

    /// <summary>Whether the service is left to others altogether.</summary>
    public bool IsSkipped => Condition is ObjectCondition.Skipped;

    /// <summary>Whether the text stands for "no address, by intention".</summary>
    public static bool IsNone(string? clusterIP) => ServiceSpec.NoClusterIP.Equals(clusterIP, StringComparison.OrdinalIgnoreCase);

    public static ServicePlan Of(Service service, NodeView node)
    {
        var spec = service.Spec;
        var annotations = ServiceAnnotations.Of(service);
        if (service.Metadata.Labels.TryGetValue(ProxyNameLabel, out var proxy))
            return Without(ObjectCondition.Skipped, $"label {ProxyNameLabel} leaves it to the proxy '{proxy}'");
        if (!annotations.IsForNode(node.Configuration.Labels))
            return Without(ObjectCondition.Skipped, $"its annotation chooses other nodes: {annotations.NodeSelector?.ToString() ?? annotations.Node}");
        if (spec.Type is ServiceType.ExternalName)
            return Without(ObjectCondition.Accepted, "of type ExternalName, a DNS alias: nothing to program");
        var first = spec.ClusterIPs.AsSpan() is [var head, ..] ? head : spec.ClusterIP;
        if (IsNone(first) || IsNone(spec.ClusterIP) || service.Metadata.Labels.ContainsKey(HeadlessLabel))
            return Without(ObjectCondition.Headless, "headless: it has no frontends");
        var frontends = FrontendPlanner.Plan(service, annotations, node);
        if (frontends.Length > 0)
            return new(service, annotations, frontends);
        return Without(ObjectCondition.Accepted, string.IsNullOrEmpty(first)
            ? "has no cluster IP: nothing to program until it gets one"
            : "has no address that is served on this node: see its type, its annotations and the address families");

        ServicePlan Without(ObjectCondition condition, string message) =>
            new(service, annotations, []) { Condition = condition, Message = message };
    }

    private static L4Address[] DistinctAddresses(FrontendPlan[] frontends)
    {
        var addresses = new L4Address[frontends.Length];
        var count = 0;
        foreach (var frontend in frontends)
        {
            // The two scopes of one address stand side by side.
            if (count == 0 || addresses[count - 1] != frontend.Address)
                addresses[count++] = frontend.Address;
        }

        return count == addresses.Length && count < 2 ? addresses : [.. addresses.AsSpan(0, count).ToArray().Distinct()];
    }
}
