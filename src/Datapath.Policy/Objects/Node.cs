using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>A <c>Node</c> of <c>v1</c>: a machine of the cluster.</summary>
public sealed record Node : KubernetesObject
{
    /// <summary>The label that names the zone of a node.</summary>
    public const string ZoneLabel = "topology.kubernetes.io/zone";

    /// <inheritdoc/>
    public override ObjectKind Kind => ObjectKind.Node;

    /// <summary>The ranges of the node's pods, at most one a family. Default: none.</summary>
    public ImmutableArray<string> PodCidrs { get; init; } = [];

    /// <summary>The addresses of the node. Default: none.</summary>
    public ImmutableArray<NodeAddress> Addresses { get; init; } = [];

    /// <summary>The zone, by <see cref="ZoneLabel"/>, if known.</summary>
    public string? Zone => Metadata.Labels.TryGetValue(ZoneLabel, out var zone) && zone.Length > 0 ? zone : null;

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The node to compare with.</param>
    public bool Equals(Node? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Metadata.Equals(other.Metadata)
            && ValueEquality.Same(PodCidrs, other.PodCidrs) && ValueEquality.Same(Addresses, other.Addresses));

    /// <inheritdoc/>
    public override int GetHashCode() => Metadata.GetHashCode();
}
