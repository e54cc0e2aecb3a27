namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>Which of the backends that fit a frontend are preferred.</summary>
internal static class NaiveTopology
{
    public static List<NaiveBackend> Prefer(List<NaiveBackend> fitting, Service service, NaiveCluster cluster)
    {
        if (!cluster.Node.ServiceTopology || service.Spec.InternalTrafficPolicy is TrafficPolicy.Local)
            return fitting;
        return service.Spec.TrafficDistribution switch
        {
            TrafficDistribution.PreferSameNode => OnNode(fitting, cluster.Node.Name),
            TrafficDistribution.PreferSameZone or TrafficDistribution.PreferClose => InZone(fitting, cluster.Zone),
            _ => ServiceAnnotations.Of(service).UsesTopologyHints ? InZone(fitting, cluster.Zone) : fitting,
        };
    }

    /// <summary>If all but those on their way out have hints, and one names the zone: those that name it.</summary>
    private static List<NaiveBackend> InZone(List<NaiveBackend> fitting, string? zone)
    {
        if (zone is null)
            return fitting;
        var staying = fitting.Where(IsStaying).ToList();
        return staying.TrueForAll(backend => backend.Zones.Length > 0) && staying.Exists(backend => backend.Zones.Contains(zone))
            ? fitting.FindAll(backend => backend.Zones.Contains(zone))
            : fitting;
    }

    private static List<NaiveBackend> OnNode(List<NaiveBackend> fitting, string node)
    {
        var local = fitting.FindAll(backend => backend.Backend.NodeName == node);
        return local.Exists(IsStaying) ? local : fitting;
    }

    private static bool IsStaying(NaiveBackend backend) =>
        backend.Backend.State is not (BackendState.Terminating or BackendState.TerminatingNotServing);
}
