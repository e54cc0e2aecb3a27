using Datapath.Policy;

namespace Datapath.Agent.Output;

/// <summary>What becomes of a dial.</summary>
internal sealed record ExplanationReport(
    string From, string To, string Outcome, IReadOnlyList<string> Backends, IReadOnlyList<ExplanationRow> Steps)
{
    public static ExplanationReport Of(Explanation explanation) => new(
        explanation.Client.ToString(), explanation.Destination.ToString(), explanation.Outcome.ToString(),
        [.. explanation.Backends.Select(static backend => backend.Address.ToString())],
        [.. explanation.Steps.Select(static step => new ExplanationRow(step.Topic.ToString(), step.Applies, step.Subject, step.Reason))]);
}

/// <summary>A step on the way of a dial.</summary>
internal sealed record ExplanationRow(string Topic, bool Applies, string Subject, string Reason);
