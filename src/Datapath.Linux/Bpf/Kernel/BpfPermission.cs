using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Datapath.Linux.Bpf;

/// <summary>Who may do what with bpf(2), and why somebody may not. Nothing is looked up before the kernel has said EPERM.</summary>
internal static partial class BpfPermission
{
    /// <summary>For what opens objects by number, and for what concerns all of them.</summary>
    public const LinuxCapabilities ById = LinuxCapabilities.SysAdmin;

    // Maps and programs have counted against the cgroup's memory since this version, against RLIMIT_MEMLOCK before.
    private static readonly Version s_withoutMemlock = new(5, 11);
    private static readonly Version s_withCapBpf = new(5, 8);

    // From here a descriptor is enough for calls on what exists; before, unprivileged_bpf_disabled shut all of bpf(2).
    private static readonly Version s_withFreeDescriptors = new(5, 19);

    // From here CAP_SYS_ADMIN will do wherever programs of the network are attached, not only where they are loaded.
    private static readonly Version s_withTokens = new(6, 9);

    private static readonly (LinuxCapabilities Bit, string Name)[] s_names =
    [
        (LinuxCapabilities.Bpf, "CAP_BPF"),
        (LinuxCapabilities.NetAdmin, "CAP_NET_ADMIN"),
        (LinuxCapabilities.PerfMon, "CAP_PERFMON"),
        (LinuxCapabilities.SysAdmin, "CAP_SYS_ADMIN"),
        (LinuxCapabilities.SysResource, "CAP_SYS_RESOURCE"),
    ];

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

    /// <summary>Lifts the limit of locked memory of this process, if this kernel counts maps and programs against it.</summary>
    /// <returns>Whether the call is worth another try.</returns>
    public static bool TryRaiseMemlock()
    {
        if (KernelRelease.Running.Version >= s_withoutMemlock)
            return false;
        if (KernelDouble.Current is { } kernel)
            return kernel.LiftMemlock() is Errno.None;
        var limit = new ResourceLimit { Soft = ulong.MaxValue, Hard = ulong.MaxValue };
        return Libc.setrlimit(Libc.RLIMIT_MEMLOCK, in limit) == 0;
    }

    /// <summary>Why this thread was refused something.</summary>
    /// <param name="needed">What the call takes; <see cref="LinuxCapabilities.None"/> if a descriptor is enough, or that is not known.</param>
    /// <param name="missing">What of it is missing.</param>
    /// <param name="otherwise">What else may be the reason if nothing is missing.</param>
    public static string Explain(LinuxCapabilities needed, out LinuxCapabilities missing, string? otherwise = null) =>
        Explain(needed, PermissionFacts.Read(), out missing, otherwise);

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

    /// <inheritdoc cref="Explain(LinuxCapabilities, out LinuxCapabilities, string?)"/>
    internal static string Explain(LinuxCapabilities needed, PermissionFacts facts, out LinuxCapabilities missing, string? otherwise = null)
    {
        missing = LinuxCapabilities.None;
        if (needed is LinuxCapabilities.None && facts is { IsUnprivilegedDisabled: true } && facts.Kernel < s_withFreeDescriptors)
            needed = LinuxCapabilities.Bpf;
        if (facts.Kernel < s_withCapBpf && (needed & (LinuxCapabilities.Bpf | LinuxCapabilities.PerfMon)) != 0)
            needed = LinuxCapabilities.SysAdmin; // which was asked for alone
        if (facts.Effective is not { } held)
            return needed is LinuxCapabilities.None ? otherwise ?? Seen(facts) : $"needs {Names(needed)}; root has {ItOrThem(needed)}";
        missing = needed & ~WithImplied(held, needed, facts.Kernel);
        if (missing is not LinuxCapabilities.None)
        {
            return $"{Names(missing)} {IsOrAre(missing)} missing; root has {ItOrThem(missing)}, and setcap(8), AmbientCapabilities= of systemd or "
                + $"capabilities.add of a container {(IsOne(missing) ? "gives it" : "give them")}";
        }

        var seen = otherwise is null ? Seen(facts) : $"{otherwise}; or {Seen(facts)}";
        return needed is LinuxCapabilities.None ? seen : $"{Names(needed)} {IsOrAre(needed)} there: {seen}";
    }

    // What lies between a capability and its effect.
    private static string Seen(PermissionFacts facts)
    {
        List<string> seen = [];
        if (facts.IsInUserNamespace)
            seen.Add("this process is in a user namespace, where capabilities do not count for bpf(2)");
        if (facts.HasSeccompFilter)
            seen.Add("a seccomp filter is at work, as container runtimes set it");
        if (facts.SecurityLabel is { } label)
            seen.Add($"a security module confines it as '{label}'");
        if (facts.Lockdown is { } lockdown)
            seen.Add($"the kernel is locked down for {lockdown}");
        if (facts.Kernel < s_withoutMemlock)
            seen.Add("RLIMIT_MEMLOCK may be too low and not be raised (needs CAP_SYS_RESOURCE)");
        return seen.Count > 0 ? string.Join("; ", seen) : "a security module may forbid it; nothing that can be seen does";
    }

    private static LinuxCapabilities WithImplied(LinuxCapabilities held, LinuxCapabilities needed, Version kernel)
    {
        if ((held & LinuxCapabilities.SysAdmin) == 0)
            return held;
        held |= LinuxCapabilities.Bpf | LinuxCapabilities.PerfMon;
        if ((needed & LinuxCapabilities.Bpf) != 0 || kernel >= s_withTokens)
            held |= LinuxCapabilities.NetAdmin;
        return held;
    }

    private static string Names(LinuxCapabilities capabilities)
    {
        var names = s_names.Where(n => (capabilities & n.Bit) != 0).Select(static n => n.Name).ToArray();
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
    }

    // The helpers, by number: bpf_trace_printk, bpf_get_current_task, the four bpf_probe_read_*, bpf_snprintf_btf, bpf_get_current_task_btf,
    // bpf_snprintf, bpf_task_pt_regs, bpf_trace_vprintk.
    [GeneratedRegex(@"leaks addr|pointer comparison prohibited|(func|cannot use helper) \w+#(6|35|112|113|114|115|149|158|165|175|177)$")]
    private static partial Regex NeedsPerfMon();

    private static bool IsOne(LinuxCapabilities capabilities) => ulong.IsPow2((ulong)capabilities);

    private static string ItOrThem(LinuxCapabilities capabilities) => IsOne(capabilities) ? "it" : "them";

    private static string IsOrAre(LinuxCapabilities capabilities) => IsOne(capabilities) ? "is" : "are";
}
