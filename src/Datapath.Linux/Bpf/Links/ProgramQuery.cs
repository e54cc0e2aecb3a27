using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>BPF_PROG_QUERY: asks a hook for its programs.</summary>
internal static unsafe class ProgramQuery
{
    private const int FirstCapacity = 64; // as many as a hook takes

    /// <summary>Asks for the programs in the order in which they run.</summary>
    /// <param name="target">A descriptor, or the number of an interface.</param>
    /// <param name="hook">The hook.</param>
    /// <param name="queryFlags">What else to count.</param>
    /// <param name="withLinks">Whether to ask for links too; cgroups do not tell and old kernels do not know the question.</param>
    /// <param name="programs">What there is.</param>
    /// <param name="flags">The flags of the hook.</param>
    /// <param name="revision">Counts the changes, where the hook does so.</param>
    public static Errno TryRead(
        uint target, AttachType hook, uint queryFlags, bool withLinks, out ImmutableArray<AttachedProgram> programs, out uint flags, out ulong revision)
    {
        for (var capacity = FirstCapacity; ; capacity *= 2)
        {
            var programIds = new uint[capacity];
            var linkIds = new uint[capacity];
            fixed (uint* p = programIds)
            fixed (uint* l = linkIds)
            {
                var attr = new ProgQueryAttr
                {
                    TargetFd = target,
                    AttachType = (uint)hook,
                    QueryFlags = queryFlags,
                    ProgIds = (ulong)p,
                    ProgCount = (uint)capacity,
                    LinkIds = withLinks ? (ulong)l : 0,
                };
                var errno = Libc.Bpf(BpfCommand.ProgQuery, ref attr);
                if (errno is Errno.ENOSPC && capacity < 1 << 16)
                    continue;
                var count = errno is Errno.None ? (int)attr.ProgCount : 0;
                programs = [.. Enumerable.Range(0, count).Select(i => new AttachedProgram(programIds[i], linkIds[i]))];
                (flags, revision) = (attr.AttachFlags, attr.Revision);
                return errno;
            }
        }
    }
}
