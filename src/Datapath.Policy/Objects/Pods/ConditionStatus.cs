namespace Datapath.Policy;

/// <summary>Whether a condition holds.</summary>
public enum ConditionStatus
{
    /// <summary>Nobody knows, or nobody said.</summary>
    Unknown,

    /// <summary>It does.</summary>
    True,

    /// <summary>It does not.</summary>
    False,
}
