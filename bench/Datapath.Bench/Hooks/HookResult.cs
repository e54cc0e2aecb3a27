using Datapath.Bench.Results;

namespace Datapath.Bench.Hooks;

/// <summary>What one row came to: ns per run of each variant, and how they compare in the same round.</summary>
internal sealed class HookResult
{
    public Sample Empty { get; } = new();

    public Sample Floor { get; } = new();

    public Sample Datapath { get; } = new();

    /// <summary>Datapath against the floor, round by round: what disturbs a round disturbs both.</summary>
    public Sample Ratio { get; } = new();

    public void Add(double empty, double floor, double datapath)
    {
        Empty.Add(empty);
        Datapath.Add(datapath);
        if (double.IsNaN(floor))
            return;
        Floor.Add(floor);
        Ratio.Add(datapath / floor);
    }
}
