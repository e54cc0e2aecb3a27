using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>What every program of the machine had cost at a moment. Two of them tell what ran in between, and how much.</summary>
/// <remarks>The kernel counts only while somebody wants it to: keep a <see cref="BpfStatistics"/> from before the first to after the second. Minimum
/// kernel: 5.1.</remarks>
public sealed class BpfRunSnapshot
{
    private readonly TimeProvider _time;
    private readonly long _timestamp;

    private BpfRunSnapshot(ImmutableDictionary<uint, ProgramDetails> programs, TimeProvider time, long timestamp) =>
        (Programs, _time, _timestamp) = (programs, time, timestamp);

    /// <summary>The programs by number.</summary>
    public ImmutableDictionary<uint, ProgramDetails> Programs { get; }

    /// <summary>Reads the programs of the machine. Needs CAP_SYS_ADMIN.</summary>
    /// <param name="time">The clock; the system's by default.</param>
    /// <exception cref="BpfException">The kernel refused: EPERM without the capability.</exception>
    public static BpfRunSnapshot Take(TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var timestamp = time.GetTimestamp();
        return new(BpfInventory.Programs().ToImmutableDictionary(static p => p.Id), time, timestamp);
    }

    /// <summary>
    /// What each program did since an earlier snapshot, in the order of the numbers. One that was not there then counts from 0; one that is
    /// gone is left out.
    /// </summary>
    /// <param name="earlier">A snapshot taken before this one, with the same clock.</param>
    public ImmutableArray<ProgramRuns> Since(BpfRunSnapshot earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        var elapsed = _time.GetElapsedTime(earlier._timestamp, _timestamp);
        return [.. from program in Programs.Values
                   orderby program.Id
                   let before = earlier.Programs.TryGetValue(program.Id, out var then) ? then.Statistics : default
                   select new ProgramRuns(program, program.Statistics - before, elapsed)];
    }
}

/// <summary>What a program did in a time.</summary>
/// <param name="Program">The program, as it was at the end.</param>
/// <param name="Statistics">Its runs in that time.</param>
/// <param name="Elapsed">The time.</param>
/// <remarks>Minimum kernel: 5.1.</remarks>
public sealed record ProgramRuns(ProgramDetails Program, BpfRunStatistics Statistics, TimeSpan Elapsed)
{
    /// <summary>Runs a second; 0 if no time passed.</summary>
    public double RunsPerSecond => Elapsed > TimeSpan.Zero ? Statistics.Runs / Elapsed.TotalSeconds : 0;

    /// <summary>The part of one CPU's time that it took: 1 is a whole CPU, all the time; 0 if no time passed.</summary>
    public double CpuShare => Elapsed > TimeSpan.Zero ? Statistics.Nanoseconds / Elapsed.TotalNanoseconds : 0;
}
