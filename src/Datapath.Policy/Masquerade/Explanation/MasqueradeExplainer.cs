using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy;

/// <summary>Says what is known of a packet, who says so, and which rules were asked.</summary>
internal sealed class MasqueradeExplainer(MasqueradeFacts facts, MasqueradeState state)
{
    private readonly ImmutableArray<ExplanationStep>.Builder _steps = ImmutableArray.CreateBuilder<ExplanationStep>();

    public MasqueradeExplanation Explain(MasqueradePacket packet)
    {
        var decision = state.Decide(packet);
        SaySource(packet, decision.Source);
        SayDestination(packet);
        var choice = decision.Verdict.Action is MasqueradeAction.Translate ? state.AddressChoices[decision.Verdict.AddressChoice] : null;
        SayRules(decision.Verdict.Reason, MasqueradeWords.Result(packet, decision.Verdict.Action, choice));
        return new(packet, decision.Verdict, choice, _steps.DrainToImmutable());
    }

    private void SayRules(MasqueradeReason decisive, string result)
    {
        foreach (var rule in MasqueradeRules.All)
        {
            Say(ExplanationTopic.Rule, rule.Reason == decisive, rule.Reason.ToString(), rule.Condition);
            if (rule.Reason != decisive)
                continue;
            Say(ExplanationTopic.Result, applies: true, result, rule.SetBy.Length == 0 ? rule.Condition : $"{rule.Condition} ({rule.SetBy})");
            return;
        }
    }

    private void SaySource(MasqueradePacket packet, MasqueradeMatch found)
    {
        var known = Around(facts.Sources, packet.Source);
        foreach (var fact in known)
            Say(ExplanationTopic.Source, applies: true, fact.Range.ToString(), By(MasqueradeWords.Of(fact.Value.Facts), fact.Describe()));
        if (known.Length > 0)
            return;
        var words = MasqueradeWords.Of(state.Sources.Classes[found.Class].Facts);
        if (found.Interface is { } pattern)
            Say(ExplanationTopic.Source, applies: true, $"interface {packet.Interface}", By(words, $"{nameof(MasqueradeConfiguration.Interfaces)}: {pattern}"));
        else
            Say(ExplanationTopic.Source, applies: true, packet.Interface is { } name ? $"interface {name}" : packet.Source.ToString(), words);
    }

    private void SayDestination(MasqueradePacket packet)
    {
        var known = Around(facts.Destinations, packet.Destination);
        foreach (var fact in known)
            Say(ExplanationTopic.Destination, applies: true, fact.Range.ToString(), By(MasqueradeWords.Of(fact.Value), fact.Describe()));
        if (known.Length == 0)
            Say(ExplanationTopic.Destination, applies: false, packet.Destination.ToString(), "nothing is known of it");
    }

    /// <summary>The facts about an address, the widest first.</summary>
    private static PrefixFact<T>[] Around<T>(List<PrefixFact<T>> all, IPAddress address)
    {
        var value = IPValue.Of(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
        var around = all.Where(fact => fact.Range.Contains(value));
        return [.. around.OrderBy(static fact => fact.Range.Length).ThenBy(static fact => fact.Describe(), StringComparer.Ordinal)];
    }

    private static string By(string words, string origin) => origin.Length == 0 ? words : $"{words}, by {origin}";

    private void Say(ExplanationTopic topic, bool applies, string subject, string reason) => _steps.Add(new(topic, applies, subject, reason));
}
