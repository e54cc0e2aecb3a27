using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program attached to a cgroup. While the link lives the program runs for every process below the cgroup. Disposing closes this
/// descriptor; unless the link is pinned, that detaches the program. Minimum kernel: 5.7.
/// </summary>
/// <remarks>Takes programs of the kinds <see cref="ProgramType.CgroupSockAddr"/>, <see cref="ProgramType.CgroupSkb"/>,
/// <see cref="ProgramType.CgroupSock"/>, <see cref="ProgramType.SockOps"/>, <see cref="ProgramType.CgroupDevice"/>,
/// <see cref="ProgramType.CgroupSysctl"/> and <see cref="ProgramType.CgroupSockOption"/>, each at the hook that it is made for.</remarks>
public sealed class CgroupLink : BpfLink
{
    internal CgroupLink(SafeBpfHandle handle, string name)
        : base(handle, name)
    {
    }

    /// <summary>
    /// What the program is attached to, in words for people: <c>cgroup /sys/fs/cgroup/web (CgroupInet4Connect)</c>. The cgroup is named by its id where its
    /// path cannot be found (<see cref="Cgroup2.FindById"/>).
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public override string Target
    {
        get
        {
            var info = ReadInfo();
            return $"cgroup {PathOf(info.CgroupId) ?? $"{info.CgroupId}"} ({(AttachType)info.CgroupAttachType})";
        }
    }

    /// <summary>Attaches a program. Programs of others on the same cgroup stay and run too.</summary>
    /// <param name="program">The program.</param>
    /// <param name="cgroup">The cgroup.</param>
    /// <exception cref="ArgumentException">The program is of another kind, or was opened without naming its hook.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel has no cgroup links.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static CgroupLink Attach(BpfProgram program, Cgroup cgroup)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(cgroup);
        var hook = HookOf(program);
        using var directory = cgroup.OpenHandle();
        using var directoryLease = new FdLease(directory);
        using var programLease = program.Handle.Lease();
        var attr = new LinkCreateAttr { ProgFd = programLease.Fd, TargetFd = directoryLease.Fd, AttachType = (uint)hook };
        var errno = Libc.Bpf(BpfCommand.LinkCreate, ref attr, out var fd);
        if (errno is Errno.EINVAL)
            BpfFeature.CgroupLink.ThrowIfUnsupported();
        if (errno is Errno.EPERM)
        {
            throw BpfException.Refusal(
                $"attach program '{program.Name}' to cgroup '{cgroup.Path}' ({hook})",
                errno,
                program.Type is ProgramType.CgroupSkb ? LinuxCapabilities.NetAdmin : LinuxCapabilities.None, // the others were asked at load
                "a program attached there or above may leave no room for others (it lacks BPF_F_ALLOW_MULTI)");
        }

        BpfException.ThrowIfFailed(errno, $"attach program '{program.Name}' to cgroup '{cgroup.Path}' ({hook})");
        return new(new SafeBpfHandle(fd), program.Name);
    }

    /// <summary>Opens a pinned link to a cgroup.</summary>
    /// <param name="path">Its path on a bpf filesystem.</param>
    /// <exception cref="BpfException">There is none, or it is no link to a cgroup (EINVAL).</exception>
    public static new CgroupLink OpenPinned(string path)
    {
        var link = BpfLink.OpenPinned(path);
        if (link is CgroupLink cgroupLink)
            return cgroupLink;
        using (link)
            throw new BpfException($"open link to a cgroup pinned to '{path}'", Errno.EINVAL, $"it is a link of kind {link.Info.Kind}");
    }

    /// <summary>The cgroup that the program is attached to, by id; 0 if it was removed, whereupon the link does nothing any more.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public ulong CgroupId => ReadInfo().CgroupId;

    /// <summary>The hook that the program is attached to.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public AttachType Hook => (AttachType)ReadInfo().CgroupAttachType;

    private protected override void ThrowIfNoReplacement(BpfProgram program)
    {
        var (made, hook) = (HookOf(program), Hook);
        if (made != hook)
            throw new ArgumentException($"program '{program.Name}' is made for {made}, the link of '{Name}' is at {hook}", nameof(program));
    }

    private static string? PathOf(ulong cgroupId)
    {
        try
        {
            return Cgroup2.FindById(cgroupId)?.Path;
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    // The kernel does not ask most of these programs at load what they are made for: there is one hook for the kind.
    private static AttachType HookOf(BpfProgram program) => program switch
    {
        { Type: ProgramType.SockOps } => AttachType.CgroupSockOps,
        { Type: ProgramType.CgroupDevice } => AttachType.CgroupDevice,
        { Type: ProgramType.CgroupSysctl } => AttachType.CgroupSysctl,
        { Type: ProgramType.CgroupSock, AttachType: null or AttachType.CgroupInetIngress } => AttachType.CgroupInetSockCreate, // 0 is no hook of sockets
        { Type: ProgramType.CgroupSkb } => program.AttachType ?? AttachType.CgroupInetIngress,
        { Type: ProgramType.CgroupSock or ProgramType.CgroupSockAddr or ProgramType.CgroupSockOption } => program.AttachType ?? throw new ArgumentException(
            $"program '{program.Name}' is a {program.Kind}", nameof(program)),
        { AttachType: AttachType.LsmCgroup } => AttachType.LsmCgroup,
        _ => throw new ArgumentException($"program '{program.Name}' is a {program.Type}, a cgroup takes a program of its own kinds, for example a {ProgramType.CgroupSkb}", nameof(program)),
    };
}
