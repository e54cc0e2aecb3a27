using System.Collections.Immutable;

namespace Datapath;

/// <summary>A service as it should be in the datapath.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Frontends">Its frontends, each address once. May be empty (a headless service).</param>
public sealed record DesiredService(ServiceName Name, ImmutableArray<Frontend> Frontends)
{
    /// <summary>Equal in name and all frontends, in the same order.</summary>
    /// <param name="other">The service to compare with.</param>
    public bool Equals(DesiredService? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Frontends.AsSpan().SequenceEqual(other.Frontends.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Frontends.Length);
}
