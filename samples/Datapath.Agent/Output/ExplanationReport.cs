using Datapath.Policy;

namespace Datapath.Agent.Output;

/// <summary>What becomes of a dial.</summary>
internal sealed record ExplanationReport(
    string From, string To, string Outcome, IReadOnlyList<ExplanationBackend> Backends, IReadOnlyList<ExplanationRow> Steps)
{
    public static ExplanationReport Of(Explanation explanation) => new(
        explanation.Client.ToString(), explanation.Destination.ToString(), explanation.Outcome.ToString(),
        [.. explanation.Backends.Select(static backend => new ExplanationBackend(backend.Address.ToString(), backend.Weight))],
        [.. explanation.Steps.Select(static step => new ExplanationRow(step.Topic.ToString(), step.Applies, step.Subject, step.Reason))]);
}

/// <summary>What becomes of a packet.</summary>
internal sealed record PacketReport(string From, string To, string? Interface, string Action, string Rule, IReadOnlyList<ExplanationRow> Steps)
{
    public static PacketReport Of(MasqueradeExplanation explanation) => new(
        explanation.Packet.Source.ToString(), explanation.Packet.Destination.ToString(), explanation.Packet.Interface,
        explanation.Verdict.Action.ToString(), explanation.Verdict.Reason.ToString(),
        [.. explanation.Steps.Select(static step => new ExplanationRow(step.Topic.ToString(), step.Applies, step.Subject, step.Reason))]);
}

/// <summary>Where a dial may go, and its part in proportion to the others'.</summary>
internal sealed record ExplanationBackend(string Address, int Weight);

/// <summary>A step on the way of a dial.</summary>
internal sealed record ExplanationRow(string Topic, bool Applies, string Subject, string Reason);
