namespace Datapath.Linux;

/// <summary>Why somebody may not do something. Nothing is looked up before the kernel has said EPERM.</summary>
internal static class Permission
{
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
        (LinuxCapabilities.SysLog, "CAP_SYSLOG"),
        (LinuxCapabilities.SysResource, "CAP_SYS_RESOURCE"),
    ];

    /// <summary>Whether this kernel counts maps and programs against the limit of locked memory.</summary>
    public static bool IsMemlockCounted => KernelRelease.Running.Version < s_withoutMemlock;

    /// <summary>Why this thread was refused something other than a call of bpf(2).</summary>
    /// <inheritdoc cref="ExplainBpf(LinuxCapabilities, out LinuxCapabilities, string?)"/>
    public static string Explain(LinuxCapabilities needed, out LinuxCapabilities missing, string? otherwise = null)
    {
        var facts = PermissionFacts.Read();
        var asked = OnKernel(needed, facts);
        missing = facts.Effective is { } held ? asked & ~WithAdmin(held) : LinuxCapabilities.None;
        return Text(asked, missing, facts, otherwise, isOfBpf: false);
    }

    /// <summary>Why this thread was refused a call of bpf(2).</summary>
    /// <param name="needed">What the call takes; <see cref="LinuxCapabilities.None"/> if a descriptor is enough, or that is not known.</param>
    /// <param name="missing">What of it is missing.</param>
    /// <param name="otherwise">What else may be the reason if nothing is missing.</param>
    public static string ExplainBpf(LinuxCapabilities needed, out LinuxCapabilities missing, string? otherwise = null)
    {
        var facts = PermissionFacts.Read();
        if (needed is LinuxCapabilities.None && facts is { IsUnprivilegedDisabled: true } && facts.Kernel < s_withFreeDescriptors)
            needed = LinuxCapabilities.Bpf;
        var asked = OnKernel(needed, facts);
        missing = LinuxCapabilities.None;
        if (facts.Effective is { } held)
        {
            var implied = (held & LinuxCapabilities.SysAdmin) != 0 && ((asked & LinuxCapabilities.Bpf) != 0 || facts.Kernel >= s_withTokens);
            missing = asked & ~(WithAdmin(held) | (implied ? LinuxCapabilities.NetAdmin : LinuxCapabilities.None));
        }

        return Text(asked, missing, facts, otherwise, isOfBpf: true);
    }

    private static string Text(LinuxCapabilities needed, LinuxCapabilities missing, PermissionFacts facts, string? otherwise, bool isOfBpf)
    {
        if (facts.Effective is null)
            return needed is LinuxCapabilities.None ? otherwise ?? Seen(facts, isOfBpf) : $"needs {Names(needed)}; root has {ItOrThem(needed)}";
        if (missing is not LinuxCapabilities.None)
        {
            var all = missing == needed ? "" : $"needs {Names(needed)}, of which ";
            return $"{all}{Names(missing)} {IsOrAre(missing)} missing; root has {ItOrThem(missing)}, and setcap(8), AmbientCapabilities= of systemd or "
                + $"capabilities.add of a container {(IsOne(missing) ? "gives it" : "give them")}";
        }

        var seen = otherwise is null ? Seen(facts, isOfBpf) : $"{otherwise}; or {Seen(facts, isOfBpf)}";
        return needed is LinuxCapabilities.None ? seen : $"{Names(needed)} {IsOrAre(needed)} there: {seen}";
    }

    // Before the two had capabilities of their own, the one for everything was asked for alone.
    private static LinuxCapabilities OnKernel(LinuxCapabilities needed, PermissionFacts facts) =>
        facts.Kernel < s_withCapBpf && (needed & (LinuxCapabilities.Bpf | LinuxCapabilities.PerfMon)) != 0 ? LinuxCapabilities.SysAdmin : needed;

    private static LinuxCapabilities WithAdmin(LinuxCapabilities held) =>
        (held & LinuxCapabilities.SysAdmin) != 0 ? held | LinuxCapabilities.Bpf | LinuxCapabilities.PerfMon : held;

    // What lies between a capability and its effect.
    private static string Seen(PermissionFacts facts, bool isOfBpf)
    {
        List<string> seen = [];
        if (facts.IsInUserNamespace)
        {
            seen.Add(isOfBpf
                ? "this process is in a user namespace, where capabilities do not count for bpf(2)"
                : "this process is in a user namespace, where capabilities count for what belongs to it");
        }

        if (facts.HasSeccompFilter)
            seen.Add("a seccomp filter is at work, as container runtimes set it");
        if (facts.SecurityLabel is { } label)
            seen.Add($"a security module confines it as '{label}'");
        if (facts.Lockdown is { } lockdown)
            seen.Add($"the kernel is locked down for {lockdown}");
        if (isOfBpf && facts.Kernel < s_withoutMemlock)
            seen.Add("RLIMIT_MEMLOCK may be too low and not be raised (needs CAP_SYS_RESOURCE)");
        return seen.Count > 0 ? string.Join("; ", seen) : "a security module may forbid it; nothing that can be seen does";
    }

    private static string Names(LinuxCapabilities capabilities)
    {
        var names = s_names.Where(n => (capabilities & n.Bit) != 0).Select(static n => n.Name).ToArray();
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} and {names[^1]}";
    }

    private static bool IsOne(LinuxCapabilities capabilities) => ulong.IsPow2((ulong)capabilities);

    private static string ItOrThem(LinuxCapabilities capabilities) => IsOne(capabilities) ? "it" : "them";

    private static string IsOrAre(LinuxCapabilities capabilities) => IsOne(capabilities) ? "is" : "are";
}
