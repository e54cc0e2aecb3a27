namespace Datapath.Policy;

/// <summary>Where a pod is in its life.</summary>
public enum PodPhase
{
    /// <summary>Accepted, not all containers run yet.</summary>
    Pending,

    /// <summary>Bound to a node, and at least one container runs or is about to.</summary>
    Running,

    /// <summary>All containers have ended well.</summary>
    Succeeded,

    /// <summary>All containers have ended, at least one of them badly.</summary>
    Failed,

    /// <summary>Its node does not answer.</summary>
    Unknown,
}
