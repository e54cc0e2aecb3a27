namespace Datapath.Linux.Bpf;

/// <summary>What a program has cost.</summary>
/// <param name="Runs">How often it ran.</param>
/// <param name="Nanoseconds">How long it ran in all.</param>
/// <remarks>Minimum kernel: 5.1.</remarks>
public readonly record struct BpfRunStatistics(long Runs, long Nanoseconds)
{
    /// <summary>How long a run took on average, in nanoseconds; 0 if there was none.</summary>
    public double NanosecondsPerRun => Runs == 0 ? 0 : (double)Nanoseconds / Runs;

    /// <summary>What was added from one reading to a later one.</summary>
    /// <param name="later">The later reading.</param>
    /// <param name="earlier">The earlier one.</param>
    public static BpfRunStatistics operator -(BpfRunStatistics later, BpfRunStatistics earlier) => later.Since(earlier);

    /// <summary>What was added since an earlier reading.</summary>
    /// <param name="earlier">The earlier reading.</param>
    public BpfRunStatistics Since(BpfRunStatistics earlier) => new(Runs - earlier.Runs, Nanoseconds - earlier.Nanoseconds);
}
