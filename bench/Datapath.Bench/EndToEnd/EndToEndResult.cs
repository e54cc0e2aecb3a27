using Datapath.Bench.Results;

namespace Datapath.Bench.EndToEnd;

/// <summary>One row: medians of rounds without and with load balancing, in ns, and the difference in the same round.</summary>
internal sealed class EndToEndResult
{
    public Sample None { get; } = new();

    public Sample Floor { get; } = new();

    public Sample Datapath { get; } = new();

    public Sample Added { get; } = new();

    public Sample AddedByFloor { get; } = new();

    /// <summary>The 99th percentile of each round with the datapath.</summary>
    public Sample Tail { get; } = new();

    public void Add(double none, double floor, double datapath, double tail)
    {
        None.Add(none);
        Floor.Add(floor);
        Datapath.Add(datapath);
        Added.Add(datapath - none);
        AddedByFloor.Add(floor - none);
        Tail.Add(tail);
    }
}
