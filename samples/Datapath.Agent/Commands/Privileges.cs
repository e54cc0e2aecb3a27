using System.Collections.Immutable;
using Datapath.Linux;

namespace Datapath.Agent.Commands;

/// <summary>What it takes to do what the kernel or the file system refused.</summary>
internal static class Privileges
{
    /// <summary>All capabilities that the agent uses. What for, docs/security.md says.</summary>
    public static ImmutableArray<string> Capabilities { get; } = ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE"];

    /// <summary>What users other than root need beside these.</summary>
    public const string OfOthers = "CAP_DAC_OVERRIDE";

    /// <summary>All of it at once, to be read behind a refusal; empty if that had nothing to do with rights.</summary>
    /// <param name="refusal">The refusal, if it was the kernel's.</param>
    public static string Hint(LinuxException? refusal = null)
    {
        var all = $"{string.Join(", ", Capabilities[..^1])} and {Capabilities[^1]}";
        if (!Environment.IsPrivilegedProcess)
            return $"; run this as root, or with {all}, and {OfOthers} for the files of root";
        return refusal is { MissingCapabilities: not LinuxCapabilities.None } ? $"; in all it takes {all}" : "";
    }
}
