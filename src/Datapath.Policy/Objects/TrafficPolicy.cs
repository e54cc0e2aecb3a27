namespace Datapath.Policy;

/// <summary>Which endpoints of a service may get traffic.</summary>
public enum TrafficPolicy
{
    /// <summary>All.</summary>
    Cluster,

    /// <summary>Those on the node where the traffic starts, and no others even if there is none.</summary>
    Local,
}
