namespace Datapath.Linux.Bpf;

/// <summary>
/// Lets the kernel count the runs of all programs for as long as this object lives (<c>BPF_ENABLE_STATS</c>, Linux 5.8). Costs each run
/// some nanoseconds.
/// </summary>
/// <remarks>Minimum kernel: 5.8.</remarks>
public sealed class BpfStatistics : IDisposable
{
    private readonly SafeBpfHandle _handle;

    private BpfStatistics(SafeBpfHandle handle) => _handle = handle;

    /// <summary>Starts counting.</summary>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 5.8.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static BpfStatistics Enable()
    {
        var attr = new EnableStatsAttr { Type = 0 }; // BPF_STATS_RUN_TIME
        var errno = Libc.Bpf(BpfCommand.EnableStats, ref attr, out var fd);
        if (errno is Errno.EINVAL)
            BpfFeature.RunStatistics.ThrowIfUnsupported();
        BpfException.ThrowIfFailed(errno, BpfPermission.ById, $"enable the statistics of programs");
        return new(new SafeBpfHandle(fd));
    }

    /// <summary>Stops counting, unless somebody else asked for it too.</summary>
    public void Dispose() => _handle.Dispose();
}
