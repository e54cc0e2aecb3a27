namespace Datapath.Linux.Bpf;

/// <summary>How often a program runs while an event is counted.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public readonly record struct PerfSampling
{
    private PerfSampling(ulong value, bool isFrequency) => (Value, IsFrequency) = (value, isFrequency);

    internal ulong Value { get; }

    internal bool IsFrequency { get; }

    /// <summary>Once for so many events (of a clock: nanoseconds).</summary>
    /// <param name="count">How many; at least 1.</param>
    public static PerfSampling Every(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new((ulong)count, isFrequency: false);
    }

    /// <summary>About so often a second, however many events there are.</summary>
    /// <param name="times">How often; at least 1, at most <c>kernel.perf_event_max_sample_rate</c>.</param>
    public static PerfSampling PerSecond(int times)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(times);
        return new((ulong)times, isFrequency: true);
    }

    /// <summary>For example <c>once for 1000</c> or <c>at 99 Hz</c>.</summary>
    public override string ToString() => IsFrequency ? $"at {Value} Hz" : $"once for {Value}";
}
