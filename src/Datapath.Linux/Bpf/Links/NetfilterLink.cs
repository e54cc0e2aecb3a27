namespace Datapath.Linux.Bpf;

/// <summary>A program at a netfilter hook of a network namespace. Minimum kernel: 6.4.</summary>
/// <remarks>The program is a <see cref="ProgramType.Netfilter"/> and returns 0 (drop) or 1 (accept). The kernel cannot replace it in place.</remarks>
public sealed class NetfilterLink : BpfLink
{
    internal const uint JoinFragments = 1; // BPF_F_NETFILTER_IP_DEFRAG

    private const int JoiningPriority = -400; // NF_IP_PRI_CONNTRACK_DEFRAG

    internal NetfilterLink(SafeBpfHandle handle, string name)
        : base(handle, name)
    {
    }

    /// <inheritdoc/>
    public override string Target
    {
        get
        {
            var info = ReadInfo();
            return $"netfilter ({(NetfilterFamily)info.NetfilterFamily}, {(NetfilterHook)info.NetfilterHook}, priority {info.NetfilterPriority})";
        }
    }

    /// <summary>Which packets the program sees.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public NetfilterFamily Family => (NetfilterFamily)ReadInfo().NetfilterFamily;

    /// <summary>Where on their way.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public NetfilterHook Hook => (NetfilterHook)ReadInfo().NetfilterHook;

    /// <summary>The place among all that hangs on the hook.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public int Priority => ReadInfo().NetfilterPriority;

    /// <summary>Attaches a program in the network namespace of the calling thread.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.Netfilter"/>.</param>
    /// <param name="options">Where.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">
    /// The kernel is older than 6.4, or than 6.6 if fragments are to be joined, or built without CONFIG_NETFILTER_BPF_LINK.
    /// </exception>
    /// <exception cref="BpfException">The kernel refused: EBUSY if the place is taken, EINVAL or ERANGE for a place that cannot be.</exception>
    public static NetfilterLink Attach(BpfProgram program, NetfilterLinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(options);
        if (program.Type is not ProgramType.Netfilter)
            throw new ArgumentException($"program '{program.Name}' is a {program.Type}, netfilter takes a {ProgramType.Netfilter}", nameof(program));
        using var lease = program.Handle.Lease();
        var attr = new LinkCreateAttr
        {
            ProgFd = lease.Fd,
            AttachType = (uint)AttachType.Netfilter,
            NetfilterFamily = (uint)options.Family,
            NetfilterHook = (uint)options.Hook,
            NetfilterPriority = options.Priority,
            NetfilterFlags = options.Defragment ? JoinFragments : 0,
        };
        var errno = Libc.Bpf(BpfCommand.LinkCreate, ref attr, out var fd);
        if (errno is Errno.EINVAL)
            BpfFeature.NetfilterLink.ThrowIfUnsupported();
        if (options.Defragment && errno is Errno.EINVAL)
            BpfFeature.NetfilterDefragmentation.ThrowIfUnsupported();
        if (options.Defragment && errno is (Errno.EINVAL or Errno.ENOENT))
        {
            var module = options.Family is NetfilterFamily.IPv6 ? "nf_defrag_ipv6" : "nf_defrag_ipv4";
            throw new BpfException(
                Operation(program, options), errno, $"putting fragments together needs the module {module}, which this kernel cannot load by itself; run: modprobe {module}; or there is no such hook");
        }

        if (ReasonOf(errno, options) is { } reason)
            throw new BpfException(Operation(program, options), errno, reason);
        BpfException.ThrowIfFailed(
            errno, LinuxCapabilities.NetAdmin, $"{Operation(program, options)}");
        return new(new SafeBpfHandle(fd), program.Name);
    }

    private static string? ReasonOf(Errno errno, NetfilterLinkOptions options) => errno switch
    {
        Errno.EBUSY => "another program has this priority at the hook; each is for one",
        Errno.ERANGE when options.Priority is int.MinValue or int.MaxValue => "the lowest and the highest priority are the kernel's own",
        Errno.ERANGE => $"fragments are put together at priority {JoiningPriority}; a program that is to see the whole comes behind",
        _ => null,
    };

    private static string Operation(BpfProgram program, NetfilterLinkOptions options) =>
        $"attach program '{program.Name}' to netfilter ({options.Family}, {options.Hook}, priority {options.Priority})";

    private protected override void ThrowIfNoReplacement(BpfProgram program) =>
        throw new NotSupportedException("the kernel cannot replace the program in a netfilter link; attach the new one at the next priority, then dispose the old");
}
