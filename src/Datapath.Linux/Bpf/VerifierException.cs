using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>The kernel's verifier refused a program. The message carries the line that says why; the whole log is kept.</summary>
public sealed class VerifierException : BpfException
{
    /// <param name="program">The program.</param>
    /// <param name="errno">The kernel's refusal.</param>
    /// <param name="log">What the verifier wrote.</param>
    /// <param name="missing">What the kernel lacks, if that is why: it says more than the verifier can.</param>
    internal VerifierException(string program, Errno errno, ImmutableArray<string> log, string? missing = null)
        : base($"load program '{program}'", errno, Reason(log, missing)) => (Program, Log, SourceLine) = (program, log, FindSourceLine(log));

    /// <summary>The program.</summary>
    public string Program { get; }

    /// <summary>Everything that the verifier wrote.</summary>
    public ImmutableArray<string> Log { get; }

    /// <summary>
    /// The source line that the verifier was at, as it names it: <c>return *value; @ drop.bpf.c:17</c>, without the place before Linux 6.8;
    /// <see langword="null"/> if it does not say.
    /// </summary>
    public string? SourceLine { get; }

    private static string? Reason(ImmutableArray<string> log, string? missing)
    {
        var reason = missing ?? FindReason(log);
        return reason is not null && FindSourceLine(log) is { } source ? $"{reason}, at: {source}" : reason;
    }

    // Lines of the source stand above their instructions, behind a semicolon.
    private static string? FindSourceLine(ImmutableArray<string> log) =>
        log.LastOrDefault(static line => line.StartsWith("; ", StringComparison.Ordinal))?[2..];

    // The last lines are statistics; the reason is the last line above them.
    private static string? FindReason(ImmutableArray<string> log) => log.LastOrDefault(static line =>
        line.Length > 0
        && !line.StartsWith("processed ", StringComparison.Ordinal)
        && !line.StartsWith("verification time ", StringComparison.Ordinal)
        && !line.StartsWith("stack depth ", StringComparison.Ordinal));
}
