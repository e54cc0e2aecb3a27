using System.Globalization;

namespace Datapath.Linux.Bpf;

/// <summary>Why the kernel may have refused to make a map with EPERM, and what can be done about it.</summary>
internal static class MapPermission
{
    private const int CapSysAdmin = 21;
    private const int CapBpf = 39;

    // Maps have counted against the cgroup's memory since this version, against RLIMIT_MEMLOCK before.
    private static readonly Version s_withoutMemlock = new(5, 11);
    private static readonly Version s_withCapBpf = new(5, 8);

    /// <summary>Lifts the limit of locked memory of this process, if this kernel counts maps against it.</summary>
    /// <returns>Whether the call is worth another try.</returns>
    public static bool TryRaiseMemlock()
    {
        if (Environment.OSVersion.Version >= s_withoutMemlock)
            return false;
        var limit = new ResourceLimit { Soft = ulong.MaxValue, Hard = ulong.MaxValue };
        return Libc.setrlimit(Libc.RLIMIT_MEMLOCK, in limit) == 0;
    }

    /// <summary>What is missing.</summary>
    public static string Explain() => Explain(
        KernelFile.TryRead("/proc/thread-self/status", out var status) is Errno.None ? EffectiveOf(status) : null,
        Environment.OSVersion.Version);

    /// <summary>What is missing to a thread on a kernel.</summary>
    /// <param name="effective">The thread's effective capabilities; null if unknown.</param>
    /// <param name="kernel">The version of Linux.</param>
    internal static string Explain(ulong? effective, Version kernel)
    {
        var hasCapBpf = kernel >= s_withCapBpf;
        var needed = hasCapBpf ? "CAP_BPF" : "CAP_SYS_ADMIN";
        if (effective is not { } held)
            return $"needs {needed}; root has it";
        if (((held >> CapSysAdmin) & 1) == 0 && !(hasCapBpf && ((held >> CapBpf) & 1) != 0))
            return $"{needed} is missing; root has it";
        return kernel >= s_withoutMemlock
            ? $"{needed} is there: a security module or a container's profile forbids it, or it is held in a user namespace only, or some kinds of maps want CAP_NET_ADMIN; root outside of containers may"
            : $"{needed} is there: RLIMIT_MEMLOCK is too low and may not be raised (needs CAP_SYS_RESOURCE), or a security module forbids it; root outside of containers may";
    }

    /// <summary>The line <c>CapEff:</c> of a thread's status.</summary>
    internal static ulong? EffectiveOf(string status)
    {
        const string Label = "CapEff:";
        foreach (var line in status.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Label, StringComparison.Ordinal))
                return ulong.TryParse(line[Label.Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var held) ? held : null;
        }

        return null;
    }
}
