using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy;

/// <summary>The machine that is compiled for.</summary>
public sealed record NodeConfiguration
{
    /// <summary>
    /// The name of the node, as in <c>nodeName</c> of endpoints. Default: empty, and then only endpoints without a node count as local.
    /// </summary>
    public string Name { get; init; } = "";

    /// <summary>The addresses of the node. Default: none. Kept for node ports; cluster addresses do not depend on it.</summary>
    public ImmutableArray<IPAddress> Addresses { get; init; } = [];

    /// <summary>The zone of the node, if known. Kept for topology hints; nothing depends on it yet.</summary>
    public string? Zone { get; init; }

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The configuration to compare with.</param>
    public bool Equals(NodeConfiguration? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Zone == other.Zone && ValueEquality.Same(Addresses, other.Addresses));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Zone, Addresses.AsSpan().Length);
}
