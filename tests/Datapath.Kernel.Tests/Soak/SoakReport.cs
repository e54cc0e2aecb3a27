using System.Collections.Immutable;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>What a soak has shown.</summary>
internal sealed record SoakReport : ISoakReport
{
    public required int Seed { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Changes of objects that were applied, those at restarts among them.</summary>
    public required int Changes { get; init; }

    /// <summary>Restarts of the engine in the pinned lifetime.</summary>
    public required int Restarts { get; init; }

    /// <summary>Dials by new sockets: TCP, connected UDP, datagrams.</summary>
    public required long Dials { get; init; }

    /// <summary>Questions by connected UDP sockets that live long.</summary>
    public required long Questions { get; init; }

    /// <summary>Dials and questions that no state before or after the change allows, failures among them.</summary>
    public required long Wrong { get; init; }

    /// <summary>Dials by new sockets that were ended on the way, because a change took their backend away.</summary>
    public required long DialsEnded { get; init; }

    /// <summary>Sockets that live long and were ended.</summary>
    public required long SocketsEnded { get; init; }

    /// <summary>Dials that were refused or went nowhere, because the state wants it so.</summary>
    public required long Refused { get; init; }

    /// <summary>Frontends that the engine did not program, over all changes.</summary>
    public required int ApplyFailures { get; init; }

    /// <summary>Comparisons of the kernel with the desired state.</summary>
    public required int Verifications { get; init; }

    /// <summary>Differences that they found.</summary>
    public required int Differences { get; init; }

    /// <summary>Slots in use that no frontend has: after a restart without any object.</summary>
    public required int SlotsLeaked { get; init; }

    /// <summary>The most slots of a family that were in use or waiting to be reused.</summary>
    public required int MostSlots { get; init; }

    /// <summary>Bytes that the kernel's maps take at the start and at the end.</summary>
    public required (long Start, long End) MapBytes { get; init; }

    /// <summary>Bytes on the heap of the process after a collection: engine, compiler, and those who dial and answer.</summary>
    public required (long Start, long End) HeapBytes { get; init; }

    /// <summary>Bytes of the process in memory.</summary>
    public required (long Start, long End) ProcessBytes { get; init; }

    /// <summary>The programs' counters at the end.</summary>
    public required ImmutableSortedDictionary<string, long> Counters { get; init; }

    /// <summary>The first of what was wrong, in words.</summary>
    public required ImmutableArray<string> Faults { get; init; }

    /// <summary>Whether nothing was wrong.</summary>
    public bool IsClean => Wrong == 0 && Differences == 0 && SlotsLeaked == 0 && ApplyFailures == 0;

    /// <summary>Names and values, as they are printed and given to programs.</summary>
    public IEnumerable<(string Name, object Value)> Rows() =>
    [
        ("seed", Seed), ("seconds", Math.Round(Seconds)), ("changes", Changes), ("restarts", Restarts),
        ("dials", Dials), ("dials a second", Math.Round(Dials / Seconds)), ("refused as it should be", Refused), ("ended on the way", DialsEnded),
        ("questions by connected UDP", Questions), ("connected UDP ended", SocketsEnded), ("wrong", Wrong),
        ("apply failures", ApplyFailures), ("verifications", Verifications), ("differences", Differences),
        ("slots leaked", SlotsLeaked), ("most slots", MostSlots),
        ("maps, bytes at start", MapBytes.Start), ("maps, bytes at end", MapBytes.End),
        ("heap, bytes at start", HeapBytes.Start), ("heap, bytes at end", HeapBytes.End),
        ("process, bytes at start", ProcessBytes.Start), ("process, bytes at end", ProcessBytes.End),
        .. Counters.Select(static counter => ($"counter {counter.Key}", (object)counter.Value)),
    ];

    public override string ToString() => SoakTable.Print(this);
}
