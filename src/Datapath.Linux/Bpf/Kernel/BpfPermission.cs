using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Datapath.Linux.Bpf;

/// <summary>Who may do what with bpf(2); <see cref="Permission"/> says why somebody may not.</summary>
internal static partial class BpfPermission
{
    /// <summary>For what opens objects by number, and for what concerns all of them.</summary>
    public const LinuxCapabilities ById = LinuxCapabilities.SysAdmin;

    private static readonly Version s_withFreeFreezing = new(6, 5);

    /// <summary>For freezing a map: from 6.5 on a descriptor that may write is enough.</summary>
    public static LinuxCapabilities ToFreeze => KernelRelease.Running.Version < s_withFreeFreezing ? LinuxCapabilities.Bpf : LinuxCapabilities.None;

    /// <summary>What making a map takes.</summary>
    public static LinuxCapabilities Of(MapType type) => type switch
    {
        // These decide where packets go.
        MapType.DevMap or MapType.DevMapHash or MapType.SockMap or MapType.SockHash or MapType.XskMap => LinuxCapabilities.Bpf | LinuxCapabilities.NetAdmin,
        _ => LinuxCapabilities.Bpf,
    };

    /// <summary>What loading a program takes.</summary>
    public static LinuxCapabilities Of(ProgramType type) => type switch
    {
        ProgramType.SchedClassifier or ProgramType.SchedAction or ProgramType.Xdp or ProgramType.FlowDissector or ProgramType.Netfilter
            or ProgramType.CgroupSock or ProgramType.CgroupDevice or ProgramType.CgroupSockAddr or ProgramType.CgroupSysctl or ProgramType.CgroupSockOption
            or ProgramType.LwtIn or ProgramType.LwtOut or ProgramType.LwtXmit or ProgramType.LwtSeg6Local
            or ProgramType.SockOps or ProgramType.SkSkb or ProgramType.SkMsg => LinuxCapabilities.Bpf | LinuxCapabilities.NetAdmin,
        ProgramType.Kprobe or ProgramType.Tracepoint or ProgramType.PerfEvent or ProgramType.RawTracepoint or ProgramType.RawTracepointWritable
            or ProgramType.Tracing or ProgramType.StructOps or ProgramType.Lsm => LinuxCapabilities.Bpf | LinuxCapabilities.PerfMon,
        ProgramType.Extension => LinuxCapabilities.Bpf | LinuxCapabilities.NetAdmin | LinuxCapabilities.PerfMon, // stands in for a function of any of them
        _ => LinuxCapabilities.Bpf,
    };

    /// <summary>What loading an object takes: its types, its maps and the programs that are enabled.</summary>
    public static LinuxCapabilities Of(BpfObjectSpec spec)
    {
        var needed = LinuxCapabilities.Bpf;
        foreach (var map in spec.Maps.Values)
            needed |= Of(map.Type);
        foreach (var program in spec.Programs.Values)
            needed |= program.IsEnabled ? Of(program.Type) : LinuxCapabilities.None;
        return needed;
    }

    /// <summary>Lifts the limit of locked memory of this process, if this kernel counts maps and programs against it.</summary>
    /// <returns>Whether the call is worth another try.</returns>
    public static bool TryRaiseMemlock()
    {
        if (!Permission.IsMemlockCounted)
            return false;
        if (KernelDouble.Current is { } kernel)
            return kernel.LiftMemlock() is Errno.None;
        var limit = new ResourceLimit { Soft = ulong.MaxValue, Hard = ulong.MaxValue };
        return Libc.setrlimit(Libc.RLIMIT_MEMLOCK, in limit) == 0;
    }

    /// <summary>
    /// What the verifier held against a program because this thread lacks it: who has no CAP_PERFMON may not show or compare addresses, nor use
    /// what reads the kernel's memory.
    /// </summary>
    /// <param name="log">What the verifier wrote.</param>
    public static LinuxCapabilities MissingToVerifier(ImmutableArray<string> log)
    {
        if (!log.Any(static line => NeedsPerfMon().IsMatch(line)) || PermissionFacts.Read() is not { Effective: { } held })
            return LinuxCapabilities.None;
        return (held & (LinuxCapabilities.PerfMon | LinuxCapabilities.SysAdmin)) == 0 ? LinuxCapabilities.PerfMon : LinuxCapabilities.None;
    }

    // The helpers, by number: bpf_trace_printk, bpf_get_current_task, the four bpf_probe_read_*, bpf_snprintf_btf, bpf_get_current_task_btf,
    // bpf_snprintf, bpf_task_pt_regs, bpf_trace_vprintk.
    [GeneratedRegex(@"leaks addr|pointer comparison prohibited|(func|cannot use helper) \w+#(6|35|112|113|114|115|149|158|165|175|177)$")]
    private static partial Regex NeedsPerfMon();
}
