using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy;

/// <summary>Addresses of their own for some pods of the node.</summary>
public sealed record MasqueradePool
{
    /// <summary>The name, unique among the pools: a DNS label.</summary>
    public required string Name { get; init; }

    /// <summary>The labels of the namespaces whose pods are meant; one is named by its label <see cref="Namespace.NameLabel"/>. Default: all.</summary>
    public LabelSelector NamespaceSelector { get; init; } = LabelSelector.Everything;

    /// <summary>The labels of the pods. Default: all of the namespaces.</summary>
    public LabelSelector PodSelector { get; init; } = LabelSelector.Everything;

    /// <summary>
    /// The addresses, of both families, at least one. Packets of a family without one get the primary address of the device by which they leave.
    /// </summary>
    public required ImmutableArray<IPAddress> Addresses { get; init; }

    /// <summary>Equal in all fields, addresses in the same order.</summary>
    /// <param name="other">The pool to compare with.</param>
    public bool Equals(MasqueradePool? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Equals(NamespaceSelector, other.NamespaceSelector) && Equals(PodSelector, other.PodSelector)
            && ValueEquality.Same(Addresses, other.Addresses));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Addresses.AsSpan().Length);
}
