using System.Collections.Immutable;

namespace Datapath;

/// <summary>The classes of destinations, and the prefixes that lead to them.</summary>
public sealed record MasqueradeDestinations
{
    /// <summary>The classes by number, 1 to 256: what is known of their addresses. Class 0 is that of addresses in no prefix.</summary>
    public required ImmutableArray<MasqueradeDestinationFacts> Classes { get; init; }

    /// <summary>The classes of addresses: the longest prefix counts. Each prefix once. Default: none.</summary>
    public ImmutableArray<MasqueradePrefix> Prefixes { get; init; } = [];

    /// <summary>Equal in all parts, in the same order.</summary>
    /// <param name="other">The destinations to compare with.</param>
    public bool Equals(MasqueradeDestinations? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Classes.AsSpan().SequenceEqual(other.Classes.AsSpan()) && Prefixes.AsSpan().SequenceEqual(other.Prefixes.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Classes.AsSpan().Length, Prefixes.AsSpan().Length);
}
