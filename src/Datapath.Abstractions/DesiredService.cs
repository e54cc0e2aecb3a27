using System.Collections.Immutable;

namespace Datapath;

/// <summary>A service as it should be in the datapath; also what a pod's host port or a redirect policy stands for.</summary>
/// <param name="Name">Its name. Names of services that stand for something else contain a colon.</param>
/// <param name="Frontends">Its frontends, each address and scope once. May be empty (a headless service).</param>
public sealed record DesiredService(ServiceName Name, ImmutableArray<Frontend> Frontends)
{
    /// <summary>The ranges that a redirect policy takes over. Default: none.</summary>
    public ImmutableArray<FrontendRange> Ranges { get; init; } = [];

    /// <summary>Equal in name and all frontends, in the same order.</summary>
    /// <param name="other">The service to compare with.</param>
    public bool Equals(DesiredService? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Name == other.Name && Frontends.AsSpan().SequenceEqual(other.Frontends.AsSpan())
            && Ranges.AsSpan().SequenceEqual(other.Ranges.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Frontends.Length, Ranges.Length);

    /// <summary>One line: the name, and each frontend and range with its backends.</summary>
    public override string ToString() => $"{Name}: {string.Join("; ", [.. Frontends.Select(static frontend => frontend.ToString()), .. Ranges.Select(static range => range.ToString())])}";
}
