namespace Datapath.Linux.Bpf;

/// <summary>Which events make <see cref="PerfEventLink.Attach"/> run a program. A thread, a CPU, or both must be named.</summary>
/// <remarks>Minimum kernel: 5.15.</remarks>
public sealed record PerfEventLinkOptions
{
    /// <summary>What is counted. Required.</summary>
    public required PerfEventSource Source { get; init; }

    /// <summary>How often the program runs. Required.</summary>
    public required PerfSampling Sampling { get; init; }

    /// <summary>
    /// The thread whose events count, by its number as this process sees it; 0 is the calling thread. The default, <see langword="null"/>,
    /// counts all threads of the CPU. The number of a process is that of its first thread.
    /// </summary>
    public int? ThreadId { get; init; }

    /// <summary>The CPU whose events count. The default, <see langword="null"/>, counts those of the thread wherever it runs.</summary>
    public int? Cpu { get; init; }

    /// <summary>What <c>bpf_get_attach_cookie()</c> gives to the program. The default is 0.</summary>
    public ulong Cookie { get; init; }
}
