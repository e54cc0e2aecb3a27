using System.Collections.Immutable;

namespace Datapath.Hosting;

/// <summary>
/// Something that a program asked for does not have the effect that it asks for: it is refused, another object stands in its way, or the engine could not
/// take it. The datapath keeps it, and it comes into force when what stands in the way goes.
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
