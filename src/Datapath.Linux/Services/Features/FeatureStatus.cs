namespace Datapath.Linux;

/// <summary>How a part of a datapath stands, and why.</summary>
/// <param name="Name">What it is, in words; the same always.</param>
/// <param name="State">How it stands.</param>
/// <param name="Reason">Why, in words: the setting that makes it so, by its configuration key, what it does at the moment, and what to do where something is amiss.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record FeatureStatus(string Name, FeatureState State, string Reason);

/// <summary>How a part of a datapath stands.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum FeatureState
{
    /// <summary>Nobody asked for it, or nothing uses it.</summary>
    Off,

    /// <summary>It does its work.</summary>
    On,

    /// <summary>It was asked for, and something keeps it from its work.</summary>
    NotEffective,

    /// <summary>It was asked for, and this kernel cannot do it.</summary>
    Unavailable,
}
