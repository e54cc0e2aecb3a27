namespace Datapath.Kernel.Tests.Soak;

/// <summary>How a soak is run.</summary>
internal sealed record SoakOptions
{
    /// <summary>How long. Default: a minute. It ends after the round that is under way then.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What the changes follow from: the same seed makes the same changes in the same order. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many dials a second are tried. Default: 2000.</summary>
    public int DialsPerSecond { get; init; } = 2000;

    /// <summary>How many changes make a round; then it is quiet for a while, and everything is compared. Default: 100.</summary>
    public int ChangesPerRound { get; init; } = 100;

    /// <summary>The time from a change to the next. Default: a tenth of a second.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(100);
}
