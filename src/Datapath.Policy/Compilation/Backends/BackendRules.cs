namespace Datapath.Policy;

/// <summary>What decides, beside protocol, family and name, which backends of a service its frontends get.</summary>
/// <param name="Node">The node.</param>
/// <param name="Topology">Which backends are preferred.</param>
/// <param name="Health">The results of health checks; <see langword="null"/> if the service is not checked.</param>
internal readonly record struct BackendRules(NodeView Node, TrafficDistribution Topology, HealthTable? Health)
{
    /// <summary>Whether each backend is judged for itself: neither the others nor anything that changes beside slices and plan matter.</summary>
    public bool JudgeEachAlone => Topology is TrafficDistribution.None && Health is null;

    public static BackendRules Of(ServicePlan plan, NodeView node, HealthTable health) =>
        new(node, TopologyOf(plan, node.Configuration), IsChecked(plan.Service, node.Configuration) ? health : null);

    private static TrafficDistribution TopologyOf(ServicePlan plan, NodeConfiguration node)
    {
        if (!node.ServiceTopology || plan.Service.Spec.InternalTrafficPolicy is TrafficPolicy.Local)
            return TrafficDistribution.None;
        var wanted = plan.Service.Spec.TrafficDistribution;
        if (wanted is TrafficDistribution.None && plan.Annotations.UsesTopologyHints)
            wanted = TrafficDistribution.PreferSameZone;
        if (wanted is TrafficDistribution.PreferClose)
            wanted = TrafficDistribution.PreferSameZone;
        return wanted is TrafficDistribution.PreferSameZone && string.IsNullOrEmpty(node.Zone) ? TrafficDistribution.None : wanted;
    }

    private static bool IsChecked(Service service, NodeConfiguration node) =>
        node.HealthCheckAnnotation is { } annotation && service.Metadata.Annotations.TryGetValue(annotation, out var value) && value.Length > 0;
}
