using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What was compiled, and all there is to say about it.</summary>
public sealed class MasqueradeCompilation
{
    private readonly MasqueradeFacts? _facts;

    internal MasqueradeCompilation(MasqueradeState? state, IssueList issues, List<MasqueradeRemark> remarks, MasqueradeFacts? facts)
    {
        (State, Diagnostics, _facts) = (state, ToDiagnostics(issues), facts);
        Remarks = [.. remarks.OrderBy(static remark => remark.Object).ThenBy(static remark => remark.Text, StringComparer.Ordinal)];
    }

    /// <summary>The state; <see langword="null"/> if the configuration has errors, and then the state before should stay in force.</summary>
    public MasqueradeState? State { get; }

    /// <summary>The errors and warnings about the configuration.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; }

    /// <summary>What there is to say about single objects, by object.</summary>
    public ImmutableArray<MasqueradeRemark> Remarks { get; }

    /// <summary>
    /// Says what becomes of a packet, and why: what is known of its source and destination, by which list, range or object, and which rule
    /// decided. Made of the facts and rules that the state was made of.
    /// </summary>
    /// <param name="packet">The packet.</param>
    /// <exception cref="InvalidOperationException">There is no <see cref="State"/>.</exception>
    /// <exception cref="ArgumentException">As of <see cref="MasqueradeState.Decide"/>.</exception>
    public MasqueradeExplanation Explain(MasqueradePacket packet) => State is not null && _facts is not null
        ? new MasqueradeExplainer(_facts, State).Explain(packet)
        : throw new InvalidOperationException("nothing was compiled: the configuration has errors");

    internal static ImmutableArray<Diagnostic> ToDiagnostics(IssueList issues) =>
        [.. issues.Issues.Select(static issue => new Diagnostic { Severity = issue.Severity, Field = issue.Field, Value = issue.Value, Reason = issue.Reason })];
}
