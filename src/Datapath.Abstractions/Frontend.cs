using System.Collections.Immutable;

namespace Datapath;

/// <summary>An address that clients dial, and the backends behind it.</summary>
public sealed record Frontend
{
    /// <summary>What clients dial.</summary>
    public required L4Address Address { get; init; }

    /// <summary>Why the frontend exists. Default: <see cref="FrontendType.ClusterIP"/>.</summary>
    public FrontendType Type { get; init; }

    /// <summary>The name of the service port, empty if it has none.</summary>
    public string PortName { get; init; } = "";

    /// <summary>
    /// All known backends, without repetition: usable ones first (see <see cref="UsableCount"/>), then by state, address and port.
    /// </summary>
    public ImmutableArray<Backend> Backends { get; init; } = [];

    /// <summary>
    /// How many of <see cref="Backends"/>, from the first, take new connections: the active ones or, if there is none, the
    /// terminating ones that still serve (Kubernetes KEP-1669). 0 means that a dial is refused.
    /// </summary>
    public int UsableCount { get; init; }

    /// <summary>The backends that take new connections.</summary>
    public ReadOnlySpan<Backend> Usable => Backends.AsSpan(0, UsableCount);

    /// <summary>Equal in all parts, the backends in the same order.</summary>
    /// <param name="other">The frontend to compare with.</param>
    public bool Equals(Frontend? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Address == other.Address && Type == other.Type && UsableCount == other.UsableCount
            && PortName == other.PortName && Backends.AsSpan().SequenceEqual(other.Backends.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, Type, UsableCount, Backends.Length);
}
