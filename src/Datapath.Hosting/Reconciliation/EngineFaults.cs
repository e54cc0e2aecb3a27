using System.Collections.Immutable;

namespace Datapath.Hosting;

/// <summary>What has happened around an engine.</summary>
/// <param name="Outage">That by which what it holds takes no effect; <see langword="null"/> if there is none.</param>
/// <param name="All">All of it, a sentence each.</param>
internal readonly record struct EngineFaults(string? Outage, ImmutableArray<string> All)
{
    /// <summary>Nothing.</summary>
    public static EngineFaults None { get; } = new(null, []);

    public bool Equals(EngineFaults other) => Outage == other.Outage && All.AsSpan().SequenceEqual(other.All.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Outage, All.Length);
}
