namespace Datapath.Policy;

/// <summary>Which of the endpoints of a service are preferred, if there is a choice.</summary>
public enum TrafficDistribution
{
    /// <summary>None.</summary>
    None,

    /// <summary>The old name of <see cref="PreferSameZone"/>.</summary>
    PreferClose,

    /// <summary>Those whose hints name the zone of the client.</summary>
    PreferSameZone,

    /// <summary>Those on the node of the client.</summary>
    PreferSameNode,
}
