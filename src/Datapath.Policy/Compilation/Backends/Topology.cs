namespace Datapath.Policy;

/// <summary>Keeps traffic near, where that is asked for and nobody is lost by it.</summary>
internal static class Topology
{
    /// <summary>Removes the backends that are further away than need be.</summary>
    public static void Apply(List<Candidate> fitting, in BackendRules rules)
    {
        var node = rules.Node.Configuration;
        if (rules.Topology is TrafficDistribution.PreferSameZone && IsZoneUsable(fitting, node.Zone!))
            fitting.RemoveAll(candidate => !Names(candidate, node.Zone!));
        else if (rules.Topology is TrafficDistribution.PreferSameNode && HasLocal(fitting, node.Name))
            fitting.RemoveAll(candidate => candidate.Backend.NodeName != node.Name);
    }

    /// <summary>
    /// Hints are followed if every backend has some and one at least names the zone. Backends on their way out are not asked: Kubernetes
    /// gives them no hints any more.
    /// </summary>
    private static bool IsZoneUsable(List<Candidate> fitting, string zone)
    {
        var isNamed = false;
        foreach (var candidate in fitting)
        {
            if (IsTerminating(candidate))
                continue;
            if (candidate.Zones.IsDefault)
                return false;
            isNamed |= Names(candidate, zone);
        }

        return isNamed;
    }

    private static bool HasLocal(List<Candidate> fitting, string node)
    {
        foreach (var candidate in fitting)
        {
            if (!IsTerminating(candidate) && node.Length > 0 && candidate.Backend.NodeName == node)
                return true;
        }

        return false;
    }

    private static bool Names(Candidate candidate, string zone) => !candidate.Zones.IsDefault && candidate.Zones.AsSpan().Contains(zone);

    private static bool IsTerminating(Candidate candidate) =>
        candidate.Backend.State is BackendState.Terminating or BackendState.TerminatingNotServing;
}
