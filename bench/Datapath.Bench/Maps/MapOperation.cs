using Datapath.Bench.Lab;
using Datapath.Bench.Results;

namespace Datapath.Bench.Maps;

/// <summary>The same work done twice: by the twin and by a typed view.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Count">How many elements it is done to.</param>
/// <param name="Least">The throughput promised: a part of the twin's. NaN promises nothing.</param>
/// <param name="Prepare">Makes the map what it must be before; not measured.</param>
/// <param name="Twin">One side.</param>
/// <param name="Typed">The other side.</param>
internal sealed record MapOperation(string Name, int Count, double Least, Action Prepare, Action Twin, Action Typed)
{
    /// <summary>What the element operations of a hash have promised.</summary>
    public const double Element = 0.9;

    /// <summary>What the operations on many elements have promised.</summary>
    public const double Bulk = 0.95;

    /// <summary>Nanoseconds per element.</summary>
    public Sample TwinSample { get; } = new();

    public Sample TypedSample { get; } = new();

    /// <summary>The typed view's time by that of the twin just before or after.</summary>
    public Sample Ratio { get; } = new();

    public void Round(bool isTypedFirst, bool isKept)
    {
        var first = Time(isTypedFirst ? Typed : Twin);
        var second = Time(isTypedFirst ? Twin : Typed);
        if (!isKept)
            return;
        var (twin, typed) = isTypedFirst ? (second, first) : (first, second);
        TwinSample.Add(twin);
        TypedSample.Add(typed);
        Ratio.Add(typed / twin);
    }

    public Cell[] Row() =>
    [
        Name,
        Cell.Number(Count),
        Number(TwinSample),
        Cell.Spread(TwinSample, Format(TwinSample)),
        Number(TypedSample),
        Cell.Spread(TypedSample, Format(TypedSample)),
        Cell.Number(Ratio.Median, "0.00"),
        Cell.Spread(Ratio, "0.00"),
        double.IsNaN(Least) ? Cell.Empty : Cell.AtLeast(1 / Ratio.Median, Least, " x twin"),
    ];

    private static Cell Number(Sample sample) => Cell.Number(sample.Median, Format(sample));

    private static string Format(Sample sample) => sample.Median < 20 ? "0.00" : "0";

    private double Time(Action run)
    {
        Prepare();
        var start = ThreadClock.Nanoseconds;
        run();
        return (double)(ThreadClock.Nanoseconds - start) / Count;
    }
}
