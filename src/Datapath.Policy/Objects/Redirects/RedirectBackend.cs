using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Where a <see cref="CiliumLocalRedirectPolicy"/> redirects to.</summary>
public sealed record RedirectBackend
{
    /// <summary>The pods, of the policy's namespace and on the node of the client. An empty selector selects all of them.</summary>
    public required LabelSelector LocalEndpointSelector { get; init; }

    /// <summary>The ports of the pods, at least one.</summary>
    public ImmutableArray<RedirectPort> ToPorts { get; init; } = [];

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The backend to compare with.</param>
    public bool Equals(RedirectBackend? other) =>
        ReferenceEquals(this, other)
        || (other is not null && LocalEndpointSelector.Equals(other.LocalEndpointSelector) && ValueEquality.Same(ToPorts, other.ToPorts));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(LocalEndpointSelector, ToPorts.AsSpan().Length);
}
