using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>How masquerading stands after a step.</summary>
public sealed record MasqueradeSnapshot
{
    /// <summary>The rules in force; <see langword="null"/> while none are.</summary>
    public MasqueradeState? State { get; init; }

    /// <summary>What was compiled last, which explains what becomes of a packet; <see langword="null"/> before.</summary>
    public MasqueradeCompilation? Compilation { get; init; }

    /// <summary>Why the rules that were compiled last are not in force; <see langword="null"/> if they are. They are tried again.</summary>
    public string? Failure { get; init; }

    /// <summary>
    /// What keeps the rules in force from taking effect, did within the last minute, or will not last, a sentence each: programs were detached, the table of nf_tables was changed, pins were
    /// deleted. Empty: nothing. Also changes between steps: what others do to the table at once, what they do to programs and pins, of which the kernel tells nobody, within 2 seconds. What is
    /// over is gone from it within 5 seconds.
    /// </summary>
    public ImmutableArray<string> Faults { get; init; } = [];

    /// <summary>
    /// That of <see cref="Faults"/> by which the rules in force take no effect at this moment, wholly or in part: programs that were detached and cannot be attached again, a table that cannot be
    /// put back; both are tried again every second. <see langword="null"/>: there is none. Looked for after each step, too, so <see cref="DatapathClient.ChangeMasqueradeAsync"/> tells it. Services go
    /// on, so <see cref="DatapathSnapshot.Outage"/> does not have it, and calls about them do not fail for it.
    /// </summary>
    public string? Outage { get; init; }

    /// <summary>The revision of the program's rules that were compiled, see <see cref="MasqueradeRules"/>; 0: those of the options.</summary>
    internal long Revision { get; init; }

    /// <summary>What there is to say about the rules and the file of the ip-masq-agent.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>What there is to say about single objects.</summary>
    public ImmutableArray<MasqueradeRemark> Remarks { get; init; } = [];

    /// <summary>A fault, told among those of others.</summary>
    internal static string InWords(string fault) => $"masquerading: {fault}";

    /// <summary>One line: whether there are rules in force, and what there is to say about them.</summary>
    public override string ToString() => string.Join(
        "; ",
        [
            State is null ? "no rules in force" : "rules in force",
            .. Failure is null ? [] : new[] { $"keeps its old rules: {Failure}" },
            .. Faults,
            .. Diagnostics.Select(static diagnostic => diagnostic.ToString()),
            .. Remarks.Select(static remark => remark.ToString()),
        ]);
}
