using System.Collections.Immutable;

namespace Datapath.Hosting;

/// <summary>
/// Something that a program asked for does not have the effect that it asks for. Values that cannot be right are refused, and change nothing. What another object
/// stands in the way of, or the engine could not take, is kept, and comes into force when that goes. So is what takes no effect because the engine's programs do not run, as when their cgroup was
/// removed (<see cref="EntryResult.Outage"/>).
/// </summary>
public sealed class NotInForceException : InvalidOperationException
{
    /// <summary>Names the objects.</summary>
    /// <param name="entries">The objects, at least one.</param>
    public NotInForceException(ImmutableArray<EntryResult> entries)
        : base(string.Join(Environment.NewLine, entries)) => Entries = entries;

    /// <summary>The objects, each with field, value and reason.</summary>
    public ImmutableArray<EntryResult> Entries { get; }
}
