using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Redirects what goes to an address.</summary>
public sealed record RedirectAddressMatcher
{
    /// <summary>The address, IPv4 or IPv6.</summary>
    public required string IP { get; init; }

    /// <summary>The ports, at least one.</summary>
    public ImmutableArray<RedirectPort> ToPorts { get; init; } = [];

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The matcher to compare with.</param>
    public bool Equals(RedirectAddressMatcher? other) =>
        ReferenceEquals(this, other) || (other is not null && IP == other.IP && ValueEquality.Same(ToPorts, other.ToPorts));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IP, ToPorts.AsSpan().Length);
}
