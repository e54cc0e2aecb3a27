using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Where a <see cref="ClusterLocalRedirectPolicy"/> redirects to: ready pods on the node of the client.</summary>
public sealed record ClusterRedirectBackend
{
    /// <summary>The namespace of the pods.</summary>
    public required string Namespace { get; init; }

    /// <summary>The pods. It must select something: at least one label or expression.</summary>
    public required LabelSelector Selector { get; init; }

    /// <summary>
    /// The ports of the pods. They need not be declared by the pods. Default: empty, and then each connection goes to the number that
    /// was dialled.
    /// </summary>
    public ImmutableArray<RedirectPort> Ports { get; init; } = [];

    /// <summary>
    /// The address at which a backend is reached, for proxies that listen only there. A pod must be ready on the node all the same, but
    /// its own addresses are not used; frontends of the other family have no backend. Default: the pods' own addresses.
    /// </summary>
    public string? BackendAddress { get; init; }

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The backend to compare with.</param>
    public bool Equals(ClusterRedirectBackend? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Namespace == other.Namespace && Selector.Equals(other.Selector)
            && BackendAddress == other.BackendAddress && ValueEquality.Same(Ports, other.Ports));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Namespace, Selector);
}
