using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The <c>status</c> of a <see cref="Pod"/>.</summary>
public sealed record PodStatus
{
    /// <summary>The status of a pod that nobody has looked at yet.</summary>
    public static PodStatus Empty { get; } = new();

    /// <summary>Where it is in its life. Default: <see cref="PodPhase.Pending"/>.</summary>
    public PodPhase Phase { get; init; }

    /// <summary>The conditions. Default: none, which means not ready.</summary>
    public ImmutableArray<PodCondition> Conditions { get; init; } = [];

    /// <summary>The first address, if it has one yet.</summary>
    public string? PodIP { get; init; }

    /// <summary>All addresses, of both families. Default: empty, then <see cref="PodIP"/> alone counts.</summary>
    public ImmutableArray<string> PodIPs { get; init; } = [];

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The status to compare with.</param>
    public bool Equals(PodStatus? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Phase == other.Phase && PodIP == other.PodIP
            && ValueEquality.Same(Conditions, other.Conditions) && ValueEquality.Same(PodIPs, other.PodIPs));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Phase, PodIP);
}
