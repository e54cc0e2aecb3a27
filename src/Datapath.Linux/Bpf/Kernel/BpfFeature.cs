namespace Datapath.Linux.Bpf;

/// <summary>
/// Something that only newer kernels offer. Nothing is asked of the kernel until it has refused a call; only an answer that cannot change
/// is remembered.
/// </summary>
/// <remarks>Minimum kernel: none; it is about kernels that lack something.</remarks>
public sealed unsafe partial class BpfFeature
{
    private readonly Func<bool?> _probe;
    private volatile Answer _answer;

    internal BpfFeature(string name, string minimumKernel, Func<bool?> probe) => (Name, MinimumKernel, _probe) = (name, minimumKernel, probe);

    /// <summary>Values kept in sockets (<c>BPF_MAP_TYPE_SK_STORAGE</c>), Linux 5.2.</summary>
    public static BpfFeature SocketStorage { get; } = new("socket storage maps", "5.2", static () => ProgramLoads(
        AttachType.CgroupInet4Connect, Helper(107)));

    /// <summary>An errno of the program's choice for the refused call (<c>bpf_set_retval</c>), Linux 5.18.</summary>
    public static BpfFeature SetReturnValue { get; } = new("bpf_set_retval() in cgroup programs", "5.18", static () => ProgramLoads(
        AttachType.CgroupInet4Connect, Helper(187)));

    /// <summary>The hooks of getpeername(2), Linux 5.8.</summary>
    public static BpfFeature GetPeernameHook { get; } = new("cgroup hooks of getpeername(2)", "5.8", static () => ProgramLoads(
        AttachType.CgroupInet4GetPeername, []));

    /// <summary>The hooks of recvmsg(2), Linux 5.2.</summary>
    public static BpfFeature RecvmsgHook { get; } = new("cgroup hooks of recvmsg(2)", "5.2", static () => ProgramLoads(
        AttachType.CgroupUdp4Recvmsg, []));

    /// <summary>Attaching to a cgroup by a link (<c>BPF_LINK_CREATE</c>), Linux 5.7.</summary>
    public static BpfFeature CgroupLink { get; } = new("cgroup links", "5.7", static () =>
    {
        // No descriptors: a kernel that knows the command complains about them.
        var attr = new LinkCreateAttr { ProgFd = uint.MaxValue, TargetFd = uint.MaxValue };
        return Libc.Bpf(BpfCommand.LinkCreate, ref attr) switch
        {
            Errno.EBADF => true,
            Errno.EINVAL => false,
            _ => null,
        };
    });

    /// <summary>What it is.</summary>
    public string Name { get; }

    /// <summary>The first version of Linux that has it, for example <c>5.18</c>.</summary>
    public string MinimumKernel { get; }

    /// <summary>
    /// Whether this kernel has it; also <see langword="true"/> if the kernel would not say, for want of rights or memory: then it is asked again the
    /// next time.
    /// </summary>
    public bool IsSupported
    {
        get
        {
            var answer = KernelDouble.Current is { } kernel ? AnswerOf(kernel.Learnt.TryGetValue(this, out var has) ? has : null) : _answer;
            return (answer is Answer.Unknown ? Ask() : answer) is not Answer.No;
        }
    }

    /// <summary>Throws if the kernel certainly does not have it.</summary>
    /// <exception cref="FeatureNotSupportedException">The kernel does not have it.</exception>
    public void ThrowIfUnsupported()
    {
        if (!IsSupported)
            throw new FeatureNotSupportedException(this);
    }

    /// <summary>Asks this kernel; <see langword="null"/> if it would not say.</summary>
    internal bool? Probe() => _probe();

    private enum Answer : byte
    {
        Unknown,
        No,
        Yes,
    }

    // A refusal for want of rights or memory says nothing: the next question may be answered.
    private Answer Ask()
    {
        var has = Probe();
        if (KernelDouble.Current is not { } kernel)
            return _answer = AnswerOf(has);
        if (has is { } certain)
            kernel.Learnt[this] = certain;
        return AnswerOf(has);
    }

    private static Answer AnswerOf(bool? has) => has switch
    {
        null => Answer.Unknown,
        false => Answer.No,
        true => Answer.Yes,
    };

    // Loads "call what is in question; return a verdict". A refusal that names the verifier's or the caller's trouble says nothing of the feature.
    private static bool? ProgramLoads(
        AttachType hook,
        ReadOnlySpan<ulong> before,
        ProgramType type = ProgramType.CgroupSockAddr,
        ProgramFlags flags = ProgramFlags.None,
        uint attachTo = 0,
        uint verdict = 1)
    {
        ulong[] code = [.. before, 0x00000000_000000b7 | ((ulong)verdict << 32), 0x00000000_00000095]; // r0 = verdict; exit
        fixed (ulong* instructions = code)
        fixed (byte* license = "GPL\0"u8)
        {
            var attr = new ProgLoadAttr
            {
                ProgType = (uint)type,
                ProgFlags = (uint)flags,
                ExpectedAttachType = (uint)hook,
                Instructions = (ulong)instructions,
                InstructionCount = (uint)code.Length,
                License = (ulong)license,
                AttachBtfId = attachTo,
            };
            var errno = Libc.Bpf(BpfCommand.ProgLoad, ref attr, out var fd);
            if (errno is Errno.None)
                _ = Libc.close(fd);
            return errno switch
            {
                Errno.None => true,
                Errno.EINVAL => false,
                Errno.EACCES when before.Length > 0 => true, // the verifier knows the helper and dislikes its arguments
                _ => null,
            };
        }
    }

    // r1 = 0; call helper
    private static ulong[] Helper(uint number) => [0x00000000_000001b7, 0x85 | ((ulong)number << 32)];
}

/// <summary>The running kernel lacks something. The message names it and the version that has it.</summary>
/// <remarks>Minimum kernel: none.</remarks>
public sealed class FeatureNotSupportedException : PlatformNotSupportedException
{
    internal FeatureNotSupportedException(BpfFeature feature)
        : base($"this kernel has no {feature.Name}; Linux {feature.MinimumKernel} has") => Feature = feature;

    /// <summary>What is missing.</summary>
    public BpfFeature Feature { get; }
}
