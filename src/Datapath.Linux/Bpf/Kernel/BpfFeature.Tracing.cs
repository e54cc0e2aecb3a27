namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfFeature
{
    /// <summary>Tracepoints and performance events by a link (<see cref="TracepointLink"/>, <see cref="Bpf.PerfEventLink"/>), Linux 5.15.</summary>
    public static BpfFeature PerfEventLink { get; } = new("links to tracepoints and performance events", "5.15", static () =>
        LinkTargetIsLookedFor(ProgramType.Tracepoint, AttachType.PerfEvent));

    /// <summary>A number for each link of a program to a raw tracepoint (<see cref="RawTracepointLink"/>), Linux 6.10.</summary>
    public static BpfFeature RawTracepointCookie { get; } = new("cookies of raw tracepoints", "6.10", static () => ProgramLoads(
        default, Helper(174), ProgramType.RawTracepoint));

    /// <summary>Programs that choose the socket in a network namespace (<see cref="NetworkNamespaceLink"/>), Linux 5.9.</summary>
    public static BpfFeature SocketLookup { get; } = new("socket lookup programs", "5.9", static () => ProgramLoads(
        AttachType.SkLookup, [], ProgramType.SkLookup));

    /// <summary>Flow dissectors by a link (<see cref="NetworkNamespaceLink"/>), Linux 5.8.</summary>
    public static BpfFeature FlowDissectorLink { get; } = new("links to flow dissectors", "5.8", static () =>
        LinkTargetIsLookedFor(ProgramType.FlowDissector, AttachType.FlowDissector));

    /// <summary>Iterators over certain processes or cgroups (<see cref="BpfIterator"/>), Linux 6.1.</summary>
    public static BpfFeature IteratorTargets { get; } = new("iterators over certain processes or cgroups", "6.1", static () =>
    {
        if (!Iterator.IsSupported)
            return false;
        if (FunctionOf("bpf_iter_task") is not { } walk)
            return null; // without its types the kernel has no iterators, whatever its version

        // Older kernels have no more to say of a walk than a map's descriptor, and refuse what is behind that.
        var info = new IterLinkInfo { ProcessId = 1 };
        return LinkIsRefused(
            ProgramType.Tracing,
            AttachType.TraceIterator,
            new() { AttachType = (uint)AttachType.TraceIterator, IterInfo = (ulong)(&info), IterInfoLength = (uint)sizeof(IterLinkInfo) },
            static errno => errno is Errno.None,
            walk);
    });

    // No descriptor to attach to: a kernel that knows such links complains about that.
    private static bool? LinkTargetIsLookedFor(ProgramType type, AttachType hook) => LinkIsRefused(
        type, hook, new() { TargetFd = uint.MaxValue, AttachType = (uint)hook }, static errno => errno is Errno.EBADF);

    // A program that returns 0, and a link that a kernel which knows such links refuses in a way of its own. Should it take it, the link is closed.
    private static bool? LinkIsRefused(ProgramType type, AttachType hook, LinkCreateAttr attr, Func<Errno, bool> isKnown, uint attachTo = 0)
    {
        ulong* instructions = stackalloc ulong[] { 0xb7, 0x95 };
        fixed (byte* license = "GPL\0"u8)
        {
            var load = new ProgLoadAttr
            {
                ProgType = (uint)type,
                ExpectedAttachType = hook is AttachType.PerfEvent ? 0 : (uint)hook,
                Instructions = (ulong)instructions,
                InstructionCount = 2,
                License = (ulong)license,
                AttachBtfId = attachTo,
            };
            var errno = Libc.Bpf(BpfCommand.ProgLoad, ref load, out var program);
            if (errno is not Errno.None)
                return errno is Errno.EINVAL ? false : null; // without such programs there are no links to them
            using var handle = new SafeBpfHandle(program);
            using var lease = handle.Lease();
            attr.ProgFd = lease.Fd;
            errno = Libc.Bpf(BpfCommand.LinkCreate, ref attr, out var link);
            if (errno is Errno.None)
                _ = Libc.close(link);
            return isKnown(errno) ? true : errno is Errno.EINVAL or Errno.E2BIG ? false : null;
        }
    }
}
