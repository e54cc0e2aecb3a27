using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The <c>spec</c> of a <see cref="Pod"/>.</summary>
public sealed record PodSpec
{
    /// <summary>A spec that says nothing.</summary>
    public static PodSpec Empty { get; } = new();

    /// <summary>The node that the pod is bound to, if it is.</summary>
    public string? NodeName { get; init; }

    /// <summary>Whether it uses the network, and so the addresses, of its node. Default: <see langword="false"/>.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>The containers. Default: none.</summary>
    public ImmutableArray<Container> Containers { get; init; } = [];

    /// <summary>The init containers; those that are <see cref="Container.IsSidecar"/> run beside the others. Default: none.</summary>
    public ImmutableArray<Container> InitContainers { get; init; } = [];

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The spec to compare with.</param>
    public bool Equals(PodSpec? other) =>
        ReferenceEquals(this, other)
        || (other is not null && NodeName == other.NodeName && HostNetwork == other.HostNetwork
            && ValueEquality.Same(Containers, other.Containers) && ValueEquality.Same(InitContainers, other.InitContainers));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(NodeName, HostNetwork, Containers.AsSpan().Length);
}
