namespace Datapath.Linux.Bpf;

/// <summary>
/// A program attached to something. It runs there while the link lives; a link lives while a descriptor or a pin holds it. Disposing closes
/// this descriptor: unless the link is pinned or opened elsewhere, that detaches the program.
/// </summary>
/// <remarks>The kinds are closed: <see cref="CgroupLink"/>, <see cref="TcxLink"/>, <see cref="NetkitLink"/>, <see cref="XdpLink"/>, <see cref="NetfilterLink"/>,
/// <see cref="BpfIterator"/>, <see cref="TracepointLink"/>, <see cref="RawTracepointLink"/>, <see cref="PerfEventLink"/>,
/// <see cref="NetworkNamespaceLink"/>, and <see cref="OtherLink"/> for those that this library only opens.
/// Minimum kernel: 5.7.</remarks>
public abstract unsafe class BpfLink : IDisposable
{
    private const int NameCapacity = 256;

    private protected BpfLink(SafeBpfHandle handle, string name)
    {
        (Handle, Name) = (handle, name);
        handle.Owner = $"link of '{name}' ({GetType().Name})";
    }

    /// <summary>The descriptor.</summary>
    public SafeBpfHandle Handle { get; }

    /// <summary>What is attached, for messages: the program, or the file's name if the link was opened from a pin.</summary>
    public string Name { get; }

    /// <summary>What the kernel says of it now. Minimum kernel: 5.8.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public BpfLinkInfo Info
    {
        get
        {
            var info = ReadInfo();
            return new(info.Id, (BpfLinkKind)info.Type, info.ProgId);
        }
    }

    /// <summary>
    /// What the program is attached to, in words for people, for example <c>interface 3 (tcx Ingress)</c> or <c>tracepoint sys_enter</c>. Minimum
    /// kernel: 5.8.
    /// </summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public abstract string Target { get; }

    /// <summary>The program, by id.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public uint ProgramId => ReadInfo().ProgId;

    /// <summary>Opens a pinned link as the kind that it is.</summary>
    /// <param name="path">Its path on a bpf filesystem.</param>
    /// <exception cref="BpfException">There is none, or it is not a link.</exception>
    public static BpfLink OpenPinned(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Wrap(BpfPin.Open(path, "link"), Path.GetFileName(path), path);
    }

    /// <summary>Opens a link by its number. Needs CAP_SYS_ADMIN. Minimum kernel: 5.8.</summary>
    /// <param name="id">Its number.</param>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 5.8.</exception>
    /// <exception cref="BpfException">There is none (ENOENT).</exception>
    public static BpfLink OpenById(uint id)
    {
        var attr = new GetByIdAttr { Id = id };
        var errno = Libc.Bpf(BpfCommand.LinkGetFdById, ref attr, out var fd);
        if (errno is Errno.EINVAL)
            BpfFeature.LinkNumbers.ThrowIfUnsupported();
        BpfException.ThrowIfFailed(errno, BpfPermission.ById, $"open link {id}");
        return Wrap(new SafeBpfHandle(fd), $"link {id}", $"link {id}");
    }

    /// <summary>Pins the link: the program stays attached after this process until the file is deleted.</summary>
    /// <param name="path">A path on a bpf filesystem that does not exist yet.</param>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void Pin(string path) => BpfPin.Pin(Handle, path, $"link of '{Name}'");

    /// <summary>Replaces the program in one atomic step: there is no moment without one.</summary>
    /// <param name="program">The new program, made for the same hook.</param>
    /// <exception cref="ArgumentException">The program is of another kind, or made for another hook. The kernel might take it.</exception>
    /// <exception cref="NotSupportedException">The kernel cannot replace the program in links of this kind.</exception>
    /// <exception cref="BpfException">The kernel refused; <see cref="Errno.ENOLINK"/> if what it was attached to was removed.</exception>
    public void Update(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        ThrowIfNoReplacement(program);
        using var lease = Handle.Lease();
        using var programLease = program.Handle.Lease();
        var attr = new LinkUpdateAttr { LinkFd = lease.Fd, NewProgFd = programLease.Fd };
        var errno = Libc.Bpf(BpfCommand.LinkUpdate, ref attr);
        if (errno is Errno.ENOLINK)
            throw new BpfException($"replace the program in the link of '{Name}' with '{program.Name}'", errno, "what it was attached to is gone, or it was detached");
        BpfException.ThrowIfFailed(errno, $"replace the program in the link of '{Name}' with '{program.Name}'");
    }

    /// <summary>Detaches the program now, whoever else holds the link. Minimum kernel: 5.9.</summary>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 5.9.</exception>
    /// <exception cref="BpfException">The kernel refused; EOPNOTSUPP for kinds that end only when nobody holds them.</exception>
    public void Detach()
    {
        using var lease = Handle.Lease();
        var attr = new LinkDetachAttr { LinkFd = lease.Fd };
        var errno = Libc.Bpf(BpfCommand.LinkDetach, ref attr);
        if (errno is Errno.EINVAL)
            BpfFeature.LinkDetach.ThrowIfUnsupported();
        if (errno is not Errno.ENOLINK) // what it was attached to is gone, and the attachment with it
            BpfException.ThrowIfFailed(errno, $"detach program '{Name}'");
    }

    /// <summary>Closes the descriptor.</summary>
    public void Dispose()
    {
        Handle.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Throws unless the program may stand in the place of the one that is attached.</summary>
    private protected abstract void ThrowIfNoReplacement(BpfProgram program);

    private protected void ThrowIfNotOfKind(BpfProgram program, ProgramType type)
    {
        if (program.Type != type)
            throw new ArgumentException($"program '{program.Name}' is a {program.Type}, the link of '{Name}' takes a {type}", nameof(program));
    }

    private protected RawLinkInfo ReadInfo() => ReadInfo(Handle, Name);

    /// <summary>Reads a name, which the kernel writes to where the struct says.</summary>
    /// <param name="offset">Where in the struct its address and length stand.</param>
    /// <returns>The name, empty if the kernel has no such field.</returns>
    private protected string ReadName(int offset)
    {
        var text = stackalloc byte[NameCapacity];
        RawLinkInfo info = default;
        *(ulong*)((byte*)&info + offset) = (ulong)text;
        *(uint*)((byte*)&info + offset + sizeof(ulong)) = NameCapacity;
        var errno = TryReadInfo(Handle, ref info);
        if (errno is Errno.E2BIG)
            return ""; // its struct is shorter
        BpfException.ThrowIfFailed(errno, $"read what the kernel says of the link of '{Name}'");
        return KernelName.Read(new ReadOnlySpan<byte>(text, NameCapacity));
    }

    private static RawLinkInfo ReadInfo(SafeBpfHandle handle, string name)
    {
        RawLinkInfo info = default;
        BpfException.ThrowIfFailed(TryReadInfo(handle, ref info), $"read what the kernel says of the link of '{name}'");
        return info;
    }

    private static Errno TryReadInfo(SafeBpfHandle handle, ref RawLinkInfo info)
    {
        using var lease = handle.Lease();
        fixed (RawLinkInfo* pointer = &info)
        {
            var attr = new InfoAttr { BpfFd = lease.Fd, Info = (ulong)pointer, InfoLength = (uint)sizeof(RawLinkInfo) };
            return Libc.Bpf(BpfCommand.ObjGetInfoByFd, ref attr);
        }
    }

    private static BpfLink Wrap(SafeBpfHandle handle, string name, string place)
    {
        try
        {
            BpfObjectKind.ThrowIfOther(handle, "link", place);
            var info = ReadInfo(handle, name);
            return (BpfLinkKind)info.Type switch
            {
                BpfLinkKind.RawTracepoint => new RawTracepointLink(handle, name),
                BpfLinkKind.PerfEvent when info.PerfEventKind is RawLinkInfo.PerfTracepoint => new TracepointLink(handle, name),
                BpfLinkKind.PerfEvent when info.PerfEventKind is RawLinkInfo.PerfCounter or 0 => new PerfEventLink(handle, name), // 0: below 6.6
                BpfLinkKind.Cgroup => new CgroupLink(handle, name),
                BpfLinkKind.NetNamespace => new NetworkNamespaceLink(handle, name),
                BpfLinkKind.Iterator => new BpfIterator(handle, name),
                BpfLinkKind.Xdp => new XdpLink(handle, name),
                BpfLinkKind.Netfilter => new NetfilterLink(handle, name),
                BpfLinkKind.Tcx => new TcxLink(handle, name),
                BpfLinkKind.Netkit => new NetkitLink(handle, name),
                _ => new OtherLink(handle, name),
            };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
