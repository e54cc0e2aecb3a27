using System.Collections.Immutable;

namespace Datapath.Linux.Bpf;

/// <summary>The kernel's verifier refused a program. The message carries the line that says why; the whole log is kept.</summary>
public sealed class VerifierException : BpfException
{
    internal VerifierException(string program, Errno errno, ImmutableArray<string> log)
        : base($"load program '{program}'", errno, Reason(log)) => (Program, Log) = (program, log);

    /// <summary>The program.</summary>
    public string Program { get; }

    /// <summary>Everything that the verifier wrote.</summary>
    public ImmutableArray<string> Log { get; }

    // The last lines are statistics; the reason is the last line above them.
    private static string? Reason(ImmutableArray<string> log) => log.LastOrDefault(static line =>
        line.Length > 0
        && !line.StartsWith("processed ", StringComparison.Ordinal)
        && !line.StartsWith("verification time ", StringComparison.Ordinal)
        && !line.StartsWith("stack depth ", StringComparison.Ordinal));
}
