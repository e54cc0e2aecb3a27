using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>
/// A <c>ClusterLocalRedirectPolicy</c> of <c>datapath.io/v1alpha1</c>, for the owner of a cluster: connections of chosen clients, in any
/// namespace, to addresses, ranges or services go to pods on the same node.
/// </summary>
/// <remarks>
/// Of several policies for one destination and client the one with the highest <see cref="Priority"/> counts, then the older, then the
/// first by name. A <see cref="CiliumLocalRedirectPolicy"/> has priority 0 and gives way to a clusterwide policy of the same priority.
/// </remarks>
public sealed record ClusterLocalRedirectPolicy : KubernetesObject
{
    /// <inheritdoc/>
    public override ObjectKind Kind => ObjectKind.ClusterLocalRedirectPolicy;

    /// <summary>What is redirected (<c>spec.frontends</c>), at least one.</summary>
    public required ImmutableArray<ClusterRedirectFrontend> Frontends { get; init; }

    /// <summary>Where to (<c>spec.backend</c>).</summary>
    public required ClusterRedirectBackend Backend { get; init; }

    /// <summary>Whose connections are redirected (<c>spec.clientSelector</c>). Default: those of all pods and of host processes.</summary>
    public ClientSelector ClientSelector { get; init; } = ClientSelector.Everybody;

    /// <summary>What happens without a usable backend. Default: <see cref="NoBackendAction.Fallback"/>.</summary>
    public NoBackendAction OnNoBackend { get; init; }

    /// <summary>
    /// Whether connections that a backend makes to a frontend itself are left alone, so that it reaches the original destination.
    /// Default: <see langword="false"/>.
    /// </summary>
    public bool SkipRedirectFromBackend { get; init; }

    /// <summary>
    /// Which policy counts where several redirect the same: the highest. -1000 to 1000; below 0 it also gives way to namespaced policies.
    /// Default: 0.
    /// </summary>
    public int Priority { get; init; }

    /// <summary>What the policy is for, in the words of its author. Default: none.</summary>
    public string? Description { get; init; }

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The policy to compare with.</param>
    public bool Equals(ClusterLocalRedirectPolicy? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Metadata.Equals(other.Metadata) && ValueEquality.Same(Frontends, other.Frontends)
            && Backend.Equals(other.Backend) && ClientSelector.Equals(other.ClientSelector) && OnNoBackend == other.OnNoBackend
            && SkipRedirectFromBackend == other.SkipRedirectFromBackend && Priority == other.Priority && Description == other.Description);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Metadata, Priority);
}
