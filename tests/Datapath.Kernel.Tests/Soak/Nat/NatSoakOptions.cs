using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>How a soak of egress NAT is run.</summary>
internal sealed record NatSoakOptions
{
    /// <summary>How long. Default: a minute. At most two hours: later on flows would have the addresses and ports of flows that are remembered.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What the changes follow from: the same seed makes the same changes in the same order. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The engine. That of nf_tables is neither restarted nor killed: when it ends, so do its flows. Default: eBPF.</summary>
    public NatEngine Engine { get; init; }

    /// <summary>How many new flows a second are tried. Default: 200.</summary>
    public int FlowsPerSecond { get; init; } = 200;

    /// <summary>How many connections last from the start to the end. Default: 50.</summary>
    public int Connections { get; init; } = 50;

    /// <summary>The time from a change to the next. Default: a tenth of a second.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many changes there are from a restart to the next. Default: 20.</summary>
    public int ChangesPerRestart { get; init; } = 20;
}
