using System.Collections.Immutable;
using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Bpf;

/// <summary>What is attached to a hook of a cgroup, by whomever.</summary>
/// <param name="ProgramIds">The programs, by id.</param>
/// <param name="Flags">What the hook allows below and beside them; those that <see cref="CgroupLink"/> attaches always allow others.</param>
/// <remarks>Minimum kernel: 4.15.</remarks>
public sealed record AttachedCgroupPrograms(ImmutableArray<uint> ProgramIds, CgroupAttachFlags Flags)
{
    private const uint BPF_F_QUERY_EFFECTIVE = 1;

    /// <summary>Asks for the programs that are attached to the cgroup itself.</summary>
    /// <param name="cgroup">The cgroup.</param>
    /// <param name="hook">The hook.</param>
    /// <exception cref="BpfException">The kernel refused: EINVAL for a hook that cgroups do not have.</exception>
    public static AttachedCgroupPrograms Query(Cgroup cgroup, AttachType hook) => Query(cgroup, hook, 0);

    /// <summary>
    /// Asks for the programs that run for the cgroup in the end, those of the cgroups above among them, in the order in which they run. Their
    /// flags are not told (<see cref="CgroupAttachFlags.None"/>).
    /// </summary>
    /// <param name="cgroup">The cgroup.</param>
    /// <param name="hook">The hook.</param>
    /// <exception cref="BpfException">The kernel refused: EINVAL for a hook that cgroups do not have.</exception>
    public static AttachedCgroupPrograms QueryEffective(Cgroup cgroup, AttachType hook) => Query(cgroup, hook, BPF_F_QUERY_EFFECTIVE);

    /// <summary>The programs and the flags, in words for people.</summary>
    public override string ToString() => $"{nameof(AttachedCgroupPrograms)} {{ {nameof(ProgramIds)} = {ListText.Of(ProgramIds)}, {nameof(Flags)} = {Flags} }}";

    private static AttachedCgroupPrograms Query(Cgroup cgroup, AttachType hook, uint flags)
    {
        ArgumentNullException.ThrowIfNull(cgroup);
        using var directory = cgroup.OpenHandle();
        using var lease = new FdLease(directory);
        var errno = ProgramQuery.TryRead(lease.Fd, hook, flags, withLinks: false, out var programs, out var attachFlags, out _);
        BpfException.ThrowIfFailed(errno, LinuxCapabilities.NetAdmin, $"query the programs of cgroup '{cgroup.Path}' ({hook})");
        return new([.. programs.Select(static p => p.ProgramId)], (CgroupAttachFlags)attachFlags);
    }
}

/// <summary>What a cgroup's hook allows.</summary>
/// <remarks>Minimum kernel: 4.15.</remarks>
[Flags]
public enum CgroupAttachFlags : uint
{
    /// <summary>One program, and none in cgroups below.</summary>
    None = 0,

    /// <summary>One program, which a cgroup below may replace for itself.</summary>
    AllowOverride = 1 << 0,

    /// <summary>Any number of programs, here and below.</summary>
    AllowMultiple = 1 << 1,
}
