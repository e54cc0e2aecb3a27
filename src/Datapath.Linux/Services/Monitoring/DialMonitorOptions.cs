using System.Collections.Immutable;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux;

/// <summary>Which dials a <see cref="DialMonitor"/> hears of, and how it names what takes part. What is left out filters nothing.</summary>
/// <remarks>Minimum kernel: none; it is a value. <see cref="DialMonitor"/> says its own.</remarks>
public sealed record DialMonitorOptions
{
    /// <summary>Dials of these verdicts only. Default: empty, all.</summary>
    public ImmutableArray<DialVerdict> Verdicts { get; init; } = [];

    /// <summary>Dials to services of this protocol only. Default: all.</summary>
    public L4Protocol? Protocol { get; init; }

    /// <summary>
    /// Dials from this network namespace only, by its cookie (<see cref="Namespaces.NetworkNamespace.Cookie"/>; never 0). Default: all.
    /// </summary>
    public ulong? NetnsCookie { get; init; }

    /// <summary>
    /// Dials of processes in this cgroup and those below it only, by its id (<see cref="Cgroups.Cgroup.Id"/>; never 0). Of a process more than 16
    /// levels deep its own cgroup and the first 16 are known. Default: all.
    /// </summary>
    public ulong? CgroupId { get; init; }

    /// <summary>Dials to this frontend only: as the kernel holds it, see <see cref="LinuxDatapath.Read"/>; it may come later. Default: all.</summary>
    public L4Address? Frontend { get; init; }

    /// <summary>One dial out of so many, at random, 1 or more. Default: 1, each.</summary>
    public int Sample { get; init; } = 1;

    /// <summary>
    /// Names the service of a frontend's address, <see langword="null"/> if it has none. Called for each dial, by whoever reads. Default: what a
    /// <see cref="LinuxDatapath"/> knows from which the monitor was opened; without one, no names.
    /// </summary>
    public Func<L4Address, ServiceName?>? ServiceNames { get; init; }

    /// <summary>
    /// Names the pod of a UID, <see langword="null"/> if there is none. Called by whoever reads, for each cgroup until the answer is a name. Default: no names.
    /// </summary>
    public Func<string, PodName?>? PodNames { get; init; }

    /// <summary>
    /// Names the pod of a network namespace, by its cookie, <see langword="null"/> if it is none's; that counts before the UID. Called for each dial, by whoever
    /// reads. Default: what a <see cref="LinuxDatapath"/> knows from which the monitor was opened; without one, no names.
    /// </summary>
    public Func<ulong, PodName?>? NamespacePods { get; init; }

    internal void ThrowIfInvalid()
    {
        foreach (var verdict in Verdicts)
        {
            if (!Enum.IsDefined(verdict))
                throw new ArgumentOutOfRangeException(nameof(Verdicts), verdict, "is no verdict");
        }

        if (NetnsCookie is 0)
            throw new ArgumentOutOfRangeException(nameof(NetnsCookie), 0, "no network namespace has this cookie");
        if (CgroupId is 0)
            throw new ArgumentOutOfRangeException(nameof(CgroupId), 0, "no cgroup has this id");
        ArgumentOutOfRangeException.ThrowIfLessThan(Sample, 1);
    }
}
