using System.Collections.Immutable;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>What many short flows have shown.</summary>
internal sealed record ShortFlowsReport : ISoakReport
{
    public required double Seconds { get; init; }

    /// <summary>Flows that were translated and answered.</summary>
    public required long Flows { get; init; }

    /// <summary>Datagrams that were sent once more, since one was lost.</summary>
    public required long Repeated { get; init; }

    /// <summary>Flows that had another source than the device's address and a port of the range, or no answer.</summary>
    public required long Wrong { get; init; }

    /// <summary>The most entries that the tables of translated flows held at a time, two for each flow.</summary>
    public required int MostEntries { get; init; }

    /// <summary>Entries that are left when all flows are over, by table.</summary>
    public required FlowEntries EntriesLeft { get; init; }

    /// <summary>The programs' counters at the end.</summary>
    public required ImmutableSortedDictionary<string, long> Counters { get; init; }

    /// <inheritdoc/>
    public required ImmutableArray<string> Faults { get; init; }

    /// <inheritdoc/>
    public bool IsClean => Wrong == 0 && EntriesLeft == default;

    /// <inheritdoc/>
    public IEnumerable<(string Name, object Value)> Rows() =>
    [
        ("flows", Flows), ("seconds", Math.Round(Seconds)), ("flows a second", Math.Round(Flows / Seconds)), ("sent once more", Repeated), ("wrong", Wrong),
        ("most entries", MostEntries), ("entries left, translated", EntriesLeft.Translated), ("entries left, kept", EntriesLeft.Kept),
        ("entries left, fragments", EntriesLeft.Fragments), .. Counters.Select(static counter => ($"counter {counter.Key}", (object)counter.Value)),
    ];

    public override string ToString() => SoakTable.Print(this);
}
