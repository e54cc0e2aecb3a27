using System.Collections.Immutable;

namespace Datapath.Hosting;

/// <summary>A change that a program asked for, and that is in the engine now.</summary>
/// <param name="Revision">Its number among the program's changes.</param>
/// <param name="Entries">What became of each object that it named, in their order.</param>
public sealed record AppliedRevision(long Revision, ImmutableArray<EntryResult> Entries)
{
    /// <summary>The objects that do not have the effect that they ask for.</summary>
    public ImmutableArray<EntryResult> NotInForce => [.. Entries.Where(static entry => !entry.IsInForce)];

    /// <summary>Demands that every object has the effect that it asks for.</summary>
    /// <returns>This.</returns>
    /// <exception cref="NotInForceException">One has not; all are named.</exception>
    public AppliedRevision EnsureInForce() => NotInForce is { IsEmpty: false } entries ? throw new NotInForceException(entries) : this;

    /// <summary>One line: the number, and what became of each object.</summary>
    public override string ToString() => $"revision {Revision}: {(Entries.IsEmpty ? "nothing" : string.Join("; ", Entries))}";
}
