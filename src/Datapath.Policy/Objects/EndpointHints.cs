using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Who an <see cref="Endpoint"/> is meant for.</summary>
public sealed record EndpointHints
{
    /// <summary>The zones whose clients should use it (<c>forZones</c>). Default: none named.</summary>
    public ImmutableArray<string> Zones { get; init; } = [];

    /// <summary>The nodes whose clients should use it (<c>forNodes</c>). Default: none named.</summary>
    public ImmutableArray<string> Nodes { get; init; } = [];

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The hints to compare with.</param>
    public bool Equals(EndpointHints? other) =>
        ReferenceEquals(this, other)
        || (other is not null && ValueEquality.Same(Zones, other.Zones) && ValueEquality.Same(Nodes, other.Nodes));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Zones.AsSpan().Length, Nodes.AsSpan().Length);
}
