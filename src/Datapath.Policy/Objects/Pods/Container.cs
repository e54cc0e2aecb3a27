using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>A container of a <see cref="Pod"/>.</summary>
public sealed record Container
{
    /// <summary>The name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The ports that it says it serves. It may serve others too. Default: none.</summary>
    public ImmutableArray<ContainerPort> Ports { get; init; } = [];

    /// <summary>Of an init container: whether it keeps running beside the others (<c>restartPolicy: Always</c>).</summary>
    public bool IsSidecar { get; init; }

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The container to compare with.</param>
    public bool Equals(Container? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && IsSidecar == other.IsSidecar && ValueEquality.Same(Ports, other.Ports));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Ports.AsSpan().Length);
}
