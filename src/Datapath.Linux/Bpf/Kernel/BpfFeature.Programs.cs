namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfFeature
{
    /// <summary>The hooks of getsockname(2), Linux 5.8.</summary>
    public static BpfFeature GetSocknameHook { get; } = new("cgroup hooks of getsockname(2)", "5.8", static () => ProgramLoads(
        AttachType.CgroupInet4GetSockname, []));

    /// <summary>The hook of sockets that are closed (<see cref="AttachType.CgroupInetSockRelease"/>), Linux 5.9.</summary>
    public static BpfFeature SocketReleaseHook { get; } = new("cgroup hook of sockets that are closed", "5.9", static () => ProgramLoads(
        AttachType.CgroupInetSockRelease, [], ProgramType.CgroupSock));

    /// <summary>The hooks of unix sockets (<see cref="AttachType.CgroupUnixConnect"/> and its like), Linux 6.7.</summary>
    public static BpfFeature UnixSocketHooks { get; } = new("cgroup hooks of unix sockets", "6.7", static () => ProgramLoads(
        AttachType.CgroupUnixConnect, []));

    /// <summary>Programs that may sleep (<see cref="ProgramFlags.Sleepable"/>), Linux 5.10.</summary>
    public static BpfFeature SleepablePrograms { get; } = new("programs that may sleep", "5.10", static () =>
    {
        // Neither code nor licence: a kernel that knows the flag gets as far as that.
        var attr = new ProgLoadAttr { ProgType = (uint)ProgramType.SocketFilter, ProgFlags = (uint)ProgramFlags.Sleepable, InstructionCount = 1 };
        return Libc.Bpf(BpfCommand.ProgLoad, ref attr) switch
        {
            Errno.EFAULT => true,
            Errno.EINVAL => false,
            _ => null,
        };
    });

    /// <summary>Programs that change what a function of the kernel returns (<see cref="AttachType.ModifyReturn"/>), Linux 5.7.</summary>
    public static BpfFeature ModifyReturn { get; } = new("programs that change a return value", "5.7", static () => ProgramLoadsAt(
        "bpf_modify_return_test", AttachType.ModifyReturn));

    /// <summary>Programs at the hooks of security modules (<see cref="ProgramType.Lsm"/>), Linux 5.7, built with <c>CONFIG_BPF_LSM</c>.</summary>
    public static BpfFeature SecurityHooks { get; } = new("programs at security hooks (CONFIG_BPF_LSM)", "5.7", static () => ProgramLoadsAt(
        "bpf_lsm_file_open", AttachType.LsmMac, ProgramType.Lsm));

    /// <summary>The same for processes of a cgroup (<see cref="AttachType.LsmCgroup"/>), Linux 6.0.</summary>
    public static BpfFeature CgroupSecurityHooks { get; } = new("programs at security hooks of a cgroup (CONFIG_BPF_LSM)", "6.0", static () => ProgramLoadsAt(
        "bpf_lsm_socket_bind", AttachType.LsmCgroup, ProgramType.Lsm));

    /// <summary>What an old kernel lacks of a program's kind, hook and flags.</summary>
    internal static IEnumerable<BpfFeature> Of(ProgramSpec program)
    {
        if (OfHook(program.AttachType) is { } hook)
            yield return hook;
        if (OfProgram(program.Type) is { } kind)
            yield return kind;
        if (program.Flags.HasFlag(ProgramFlags.Sleepable))
            yield return SleepablePrograms;
        if (program.Flags.HasFlag(ProgramFlags.HasFragments))
            yield return XdpFragments;
    }

    /// <summary>A hook that programs are made for at the load, if it came after <see cref="BpfObject"/>'s oldest kernel.</summary>
    internal static BpfFeature? OfHook(AttachType? hook) => hook switch
    {
        AttachType.CgroupUdp4Recvmsg or AttachType.CgroupUdp6Recvmsg => RecvmsgHook,
        AttachType.CgroupInet4GetPeername or AttachType.CgroupInet6GetPeername => GetPeernameHook,
        AttachType.CgroupInet4GetSockname or AttachType.CgroupInet6GetSockname => GetSocknameHook,
        AttachType.CgroupInetSockRelease => SocketReleaseHook,
        >= AttachType.CgroupUnixConnect and <= AttachType.CgroupUnixGetSockname => UnixSocketHooks,
        AttachType.TraceIterator => Iterator,
        AttachType.ModifyReturn => ModifyReturn,
        AttachType.LsmMac => SecurityHooks,
        AttachType.LsmCgroup => CgroupSecurityHooks,
        _ => null,
    };

    /// <summary>A kind of programs, if it came after <see cref="BpfObject"/>'s oldest kernel.</summary>
    internal static BpfFeature? OfProgram(ProgramType type) => type switch
    {
        ProgramType.Lsm => SecurityHooks,
        ProgramType.SkLookup => SocketLookup,
        ProgramType.Syscall => SyscallProgram,
        ProgramType.Netfilter => NetfilterLink,
        _ => null,
    };

    // A kernel that has such hooks has this one and takes a program that returns 0 there; without its types there is nothing to be made for.
    private static bool? ProgramLoadsAt(string function, AttachType hook, ProgramType type = ProgramType.Tracing) => FunctionOf(function) switch
    {
        null => null,
        0 => false,
        { } id => ProgramLoads(hook, [], type, attachTo: id, verdict: 0),
    };

    private static uint? FunctionOf(string name)
    {
        try
        {
            return KernelBtf.Running.FindFunction(name);
        }
        catch (LinuxException)
        {
            return null;
        }
    }
}
