using Datapath.Linux.Cgroups;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program attached to a cgroup. While the link lives the program runs for every process below the cgroup. Disposing closes this
/// descriptor; unless the link is pinned, that detaches the program. Minimum kernel: 5.7.
/// </summary>
public sealed unsafe class CgroupLink : IDisposable
{
    private CgroupLink(SafeBpfHandle handle, string name) => (Handle, Name) = (handle, name);

    /// <summary>The descriptor.</summary>
    public SafeBpfHandle Handle { get; }

    /// <summary>What is attached, for messages.</summary>
    public string Name { get; }

    /// <summary>Attaches a program. Programs of others on the same cgroup stay and run too.</summary>
    /// <param name="program">The program.</param>
    /// <param name="cgroup">The cgroup.</param>
    /// <exception cref="FeatureNotSupportedException">The kernel has no cgroup links.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public static CgroupLink Attach(BpfProgram program, Cgroup cgroup)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(cgroup);
        using var directory = cgroup.OpenHandle();
        using var directoryLease = new FdLease(directory);
        using var programLease = program.Handle.Lease();
        var attr = new LinkCreateAttr { ProgFd = programLease.Fd, TargetFd = directoryLease.Fd, AttachType = (uint)program.AttachType };
        var errno = Libc.Bpf(BpfCommand.LinkCreate, ref attr, out var fd);
        if (errno is Errno.EINVAL)
            BpfFeature.CgroupLink.ThrowIfUnsupported();
        BpfException.ThrowIfFailed(errno, $"attach program '{program.Name}' to cgroup '{cgroup.Path}' ({program.AttachType})");
        return new(new SafeBpfHandle(fd), program.Name);
    }

    /// <summary>Opens a pinned link.</summary>
    /// <param name="path">Its path on a bpf filesystem.</param>
    /// <exception cref="BpfException">There is none.</exception>
    public static CgroupLink OpenPinned(string path) => new(BpfPin.Open(path, "link"), Path.GetFileName(path));

    /// <summary>The cgroup that the program is attached to, by id; 0 if it was removed, whereupon the link does nothing any more.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public ulong CgroupId => ReadInfo().CgroupId;

    /// <summary>The program, by id.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public uint ProgramId => ReadInfo().ProgId;

    /// <summary>Pins the link: the program stays attached after this process until the file is deleted.</summary>
    /// <param name="path">A path on a bpf filesystem that does not exist yet.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void Pin(string path) => BpfPin.Pin(Handle, path, $"link of '{Name}'");

    /// <summary>Replaces the program in one atomic step: there is no moment without one.</summary>
    /// <param name="program">The new program, made for the same hook.</param>
    /// <exception cref="ArgumentException">The program is made for another hook. The kernel would take it.</exception>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.ENOLINK"/> if the cgroup was removed.</exception>
    public void Update(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        var hook = (AttachType)ReadInfo().AttachType;
        if (program.AttachType != hook)
            throw new ArgumentException($"program '{program.Name}' is made for {program.AttachType}, the link of '{Name}' is at {hook}", nameof(program));
        using var lease = Handle.Lease();
        using var programLease = program.Handle.Lease();
        var attr = new LinkUpdateAttr { LinkFd = lease.Fd, NewProgFd = programLease.Fd };
        BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.LinkUpdate, ref attr), $"replace the program in the link of '{program.Name}'");
    }

    /// <summary>Detaches the program now, whoever else holds the link. Minimum kernel: 5.9.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void Detach()
    {
        using var lease = Handle.Lease();
        var attr = new LinkDetachAttr { LinkFd = lease.Fd };
        var errno = Libc.Bpf(BpfCommand.LinkDetach, ref attr);
        if (errno is not Errno.ENOLINK) // the cgroup is gone, and the attachment with it
            BpfException.ThrowIfFailed(errno, $"detach program '{Name}'");
    }

    /// <summary>Closes the descriptor.</summary>
    public void Dispose() => Handle.Dispose();

    private RawLinkInfo ReadInfo()
    {
        using var lease = Handle.Lease();
        RawLinkInfo info = default;
        var attr = new InfoAttr { BpfFd = lease.Fd, Info = (ulong)(&info), InfoLength = (uint)sizeof(RawLinkInfo) };
        BpfException.ThrowIfFailed(Libc.Bpf(BpfCommand.ObjGetInfoByFd, ref attr), $"read what the kernel says of the link of '{Name}'");
        return info;
    }
}
