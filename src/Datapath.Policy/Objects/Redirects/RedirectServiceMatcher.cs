using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Redirects what goes to the cluster addresses of a service.</summary>
public sealed record RedirectServiceMatcher
{
    /// <summary>The name of the service.</summary>
    public required string ServiceName { get; init; }

    /// <summary>The namespace of the service, which must be that of the policy.</summary>
    public required string Namespace { get; init; }

    /// <summary>The ports of the service that are redirected. Default: empty, all.</summary>
    public ImmutableArray<RedirectPort> ToPorts { get; init; } = [];

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The matcher to compare with.</param>
    public bool Equals(RedirectServiceMatcher? other) =>
        ReferenceEquals(this, other)
        || (other is not null && ServiceName == other.ServiceName && Namespace == other.Namespace && ValueEquality.Same(ToPorts, other.ToPorts));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ServiceName, Namespace, ToPorts.AsSpan().Length);
}
