using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Datapath.Linux.Bpf;

/// <summary>The kernel's verifier refused a program. The message carries the line that says why; the whole log is kept.</summary>
/// <remarks>Minimum kernel: none; 5.0 for source lines.</remarks>
public sealed partial class VerifierException : BpfException
{
    /// <param name="program">The program.</param>
    /// <param name="errno">The kernel's refusal.</param>
    /// <param name="log">What the verifier wrote.</param>
    /// <param name="missing">What the kernel lacks, if that is why: it says more than the verifier can.</param>
    internal VerifierException(string program, Errno errno, ImmutableArray<string> log, string? missing = null)
        : this(program, errno, log, missing, BpfPermission.MissingToVerifier(log))
    {
    }

    private VerifierException(string program, Errno errno, ImmutableArray<string> log, string? missing, LinuxCapabilities capabilities)
        : base($"load program '{program}'", errno, Reason(log, missing, capabilities), capabilities) =>
        (Program, Log, SourceLine) = (program, log, FindSourceLine(log));

    /// <summary>The program.</summary>
    public string Program { get; }

    /// <summary>Everything that the verifier wrote.</summary>
    public ImmutableArray<string> Log { get; }

    /// <summary>
    /// The source line that the verifier was at, as it names it: <c>return *value; @ drop.bpf.c:17</c>, without the place before Linux 6.8;
    /// <see langword="null"/> if it does not say.
    /// </summary>
    public string? SourceLine { get; }

    private static string? Reason(ImmutableArray<string> log, string? missing, LinuxCapabilities capabilities)
    {
        var reason = missing ?? FindReason(log);
        if (capabilities is not LinuxCapabilities.None)
            reason += "; with CAP_PERFMON, which is missing, a program may do so";
        return reason is not null && FindSourceLine(log) is { } source ? $"{reason}, at: {source}" : reason;
    }

    // Lines of the source stand above their instructions, behind a semicolon.
    private static string? FindSourceLine(ImmutableArray<string> log) =>
        log.LastOrDefault(static line => line.StartsWith("; ", StringComparison.Ordinal))?[2..];

    // The reason is the last line above what is only added to it.
    private static string? FindReason(ImmutableArray<string> log)
    {
        var last = log.Length - 1;
        while (last >= 0 && IsAppendix(log[last]))
            last--;
        if (last < 0)
            return null;

        // Two refusals take two lines, the first of which tells more.
        var before = last > 0 ? log[last - 1] : "";
        if (before.StartsWith("invalid access to ", StringComparison.Ordinal))
            return $"{before}; {log[last]}";
        if (UnreleasedReference().Match(log[last]) is { Success: true } alone) // before Linux 6.13 nothing follows
            return $"reference leak, of what was taken at: {SourceOf(log, alone)}";
        return UnreleasedReference().Match(before) is { Success: true } unreleased
            ? $"{log[last]}, of what was taken at: {SourceOf(log, unreleased)}"
            : log[last];
    }

    // Statistics; and the two states that it compared before it called a loop infinite.
    private static bool IsAppendix(string line) =>
        line.Length == 0
        || line.StartsWith("cur state:", StringComparison.Ordinal)
        || line.StartsWith("old state:", StringComparison.Ordinal)
        || line.StartsWith("processed ", StringComparison.Ordinal)
        || line.StartsWith("verification time ", StringComparison.Ordinal)
        || line.StartsWith("stack depth ", StringComparison.Ordinal);

    private static string SourceOf(ImmutableArray<string> log, Match reference)
    {
        var instruction = reference.Groups["instruction"].Value;
        return FindSourceLine(log, instruction) ?? "instruction " + instruction;
    }

    // The source line above an instruction's first appearance.
    private static string? FindSourceLine(ImmutableArray<string> log, string instruction)
    {
        string? source = null;
        foreach (var line in log)
        {
            if (line.StartsWith("; ", StringComparison.Ordinal))
                source = line[2..];
            else if (line.StartsWith($"{instruction}: (", StringComparison.Ordinal))
                return source;
        }

        return null;
    }

    [GeneratedRegex(@"^Unreleased reference id=\d+ alloc_insn=(?<instruction>\d+)")]
    private static partial Regex UnreleasedReference();
}
