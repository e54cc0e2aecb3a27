using System.Collections.Immutable;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>What a soak of egress NAT has shown.</summary>
internal sealed record NatSoakReport : ISoakReport
{
    public required int Seed { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Changes of the rules, those at restarts among them.</summary>
    public required int Changes { get; init; }

    /// <summary>Changes of devices and addresses.</summary>
    public required int DeviceChanges { get; init; }

    /// <summary>How often the manager was ended and begun again.</summary>
    public required int Restarts { get; init; }

    /// <summary>At how many of them it was killed.</summary>
    public required int Kills { get; init; }

    /// <summary>New flows.</summary>
    public required long Flows { get; init; }

    /// <summary>New flows that outside came from a source which no rules in force meanwhile allow, or came to nothing.</summary>
    public required long Wrong { get; init; }

    /// <summary>Connections that were to last.</summary>
    public required int Connections { get; init; }

    /// <summary>How often one of them exchanged bytes.</summary>
    public required long Exchanges { get; init; }

    /// <summary>Those that ended, stalled, or had other bytes than were sent.</summary>
    public required int Broken { get; init; }

    /// <summary>How often flows were ended because their address was gone, which none was.</summary>
    public required int EndedAddresses { get; init; }

    /// <summary>Entries of flows that are left when all are over.</summary>
    public required int EntriesLeft { get; init; }

    /// <summary>The programs' counters at the end.</summary>
    public required ImmutableSortedDictionary<string, long> Counters { get; init; }

    /// <inheritdoc/>
    public required ImmutableArray<string> Faults { get; init; }

    /// <inheritdoc/>
    public bool IsClean => Wrong == 0 && Broken == 0 && EndedAddresses == 0 && EntriesLeft == 0;

    /// <inheritdoc/>
    public IEnumerable<(string Name, object Value)> Rows() =>
    [
        ("seed", Seed), ("seconds", Math.Round(Seconds)), ("changes of rules", Changes), ("changes of devices", DeviceChanges), ("restarts", Restarts),
        ("kills among them", Kills), ("new flows", Flows), ("new flows a second", Math.Round(Flows / Seconds)), ("wrong", Wrong),
        ("connections that last", Connections), ("exchanges by them", Exchanges), ("broken", Broken), ("addresses ended", EndedAddresses),
        ("entries left", EntriesLeft), .. Counters.Select(static counter => ($"counter {counter.Key}", (object)counter.Value)),
    ];

    public override string ToString() => SoakTable.Print(this);
}
