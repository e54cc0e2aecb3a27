using System.Globalization;

namespace Datapath.Linux;

/// <summary>What can be seen of why the kernel refuses this thread something. Read only after it did.</summary>
/// <param name="Effective">The thread's effective capabilities; null if unknown.</param>
/// <param name="Kernel">The version of Linux.</param>
internal sealed record PermissionFacts(LinuxCapabilities? Effective, Version Kernel)
{
    // Where procfs is not mounted, nothing is known: the refusal must not be lost over that. A new kernel asks for what it asks for.
    private static readonly Version s_unknown = new(int.MaxValue, 0);

    /// <summary>Whether the process lives in a user namespace of its own: capabilities there are none towards bpf(2).</summary>
    public bool IsInUserNamespace { get; init; }

    /// <summary>Whether a filter of system calls is at work.</summary>
    public bool HasSeccompFilter { get; init; }

    /// <summary>The profile of AppArmor or the label of SELinux; null without one that confines.</summary>
    public string? SecurityLabel { get; init; }

    /// <summary><c>integrity</c> or <c>confidentiality</c>; null if the kernel is not locked down.</summary>
    public string? Lockdown { get; init; }

    /// <summary>Whether <c>kernel.unprivileged_bpf_disabled</c> shuts bpf(2) to those without CAP_BPF.</summary>
    public bool IsUnprivilegedDisabled { get; init; }

    public static PermissionFacts Read()
    {
        var status = TextOf("/proc/thread-self/status");
        var map = TextOf("/proc/self/uid_map").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var label = TextOf("/proc/thread-self/attr/current").Trim('\n', '\0', ' ');
        var lockdown = TextOf("/sys/kernel/security/lockdown"); // none [integrity] confidentiality
        var disabled = TextOf("/proc/sys/kernel/unprivileged_bpf_disabled").Trim();
        var kernel = status.Length > 0 ? KernelRelease.Running.Version : s_unknown;
        return new(EffectiveOf(status), kernel)
        {
            IsInUserNamespace = map.Length > 0 && map is not ["0", "0", "4294967295"],
            HasSeccompFilter = FieldOf(status, "Seccomp:") is "2",
            SecurityLabel = label is "" or "unconfined" or "kernel" || label.Contains("unconfined_t", StringComparison.Ordinal) ? null : label,
            Lockdown = lockdown.Split('[', ']') is [_, var level, _] && level is not "none" ? level : null,
            IsUnprivilegedDisabled = disabled is "1" or "2",
        };
    }

    /// <summary>The line <c>CapEff:</c> of a thread's status.</summary>
    internal static LinuxCapabilities? EffectiveOf(string status) =>
        ulong.TryParse(FieldOf(status, "CapEff:"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var held) ? (LinuxCapabilities)held : null;

    private static string? FieldOf(string status, string label)
    {
        foreach (var line in status.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(label, StringComparison.Ordinal))
                return line[label.Length..].Trim().ToString();
        }

        return null;
    }

    private static string TextOf(string path) => KernelFile.TryRead(path, out var text) is Errno.None ? text : "";
}
