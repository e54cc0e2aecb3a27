using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>One endpoint of an <see cref="EndpointSlice"/>, usually a pod.</summary>
public sealed record Endpoint
{
    /// <summary>Its addresses, at least one. Each becomes a backend.</summary>
    public required ImmutableArray<string> Addresses { get; init; }

    /// <summary>Its conditions. Default: all unknown, which means ready.</summary>
    public EndpointConditions Conditions { get; init; }

    /// <summary>The node it runs on, if known. An endpoint without one counts as local on every node.</summary>
    public string? NodeName { get; init; }

    /// <summary>The zone it runs in, if known.</summary>
    public string? Zone { get; init; }

    /// <summary>Who it is meant for, if anybody said so.</summary>
    public EndpointHints? Hints { get; init; }

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The endpoint to compare with.</param>
    public bool Equals(Endpoint? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Conditions == other.Conditions && NodeName == other.NodeName && Zone == other.Zone
            && Hints == other.Hints
            && ValueEquality.Same(Addresses, other.Addresses));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Addresses.IsDefaultOrEmpty ? null : Addresses[0], Conditions, NodeName);
}
