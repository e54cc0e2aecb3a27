namespace Datapath.Policy;

/// <summary>What happens to something from one state to another.</summary>
public enum DifferenceKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It is there before and after, and differs.</summary>
    Changed,

    /// <summary>It is gone.</summary>
    Removed,
}
