using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Collects the steps of an explanation.</summary>
internal sealed class ExplanationBuilder(DialClient client, L4Address destination)
{
    private readonly ImmutableArray<ExplanationStep>.Builder _steps = ImmutableArray.CreateBuilder<ExplanationStep>();

    public DialClient Client { get; } = client;

    public L4Address Destination { get; } = destination;

    public void Say(ExplanationTopic topic, bool applies, string subject, string reason) => _steps.Add(new(topic, applies, subject, reason));

    public Explanation Direct(string reason) => End(DialOutcome.Direct, [], $"goes to {Destination} itself", reason);

    public Explanation Refused(string reason) => End(DialOutcome.Refused, [], "is refused", reason);

    public Explanation To(ImmutableArray<Backend> backends, string reason) => End(
        DialOutcome.Backend, backends,
        backends is [var only] ? $"goes to {only.Address}" : $"goes to one of {backends.Length} backends: {string.Join(", ", backends.Select(static b => b.Address))}", reason);

    private Explanation End(DialOutcome outcome, ImmutableArray<Backend> backends, string what, string reason)
    {
        Say(ExplanationTopic.Result, applies: true, what, reason);
        return new(Client, Destination, outcome, backends, _steps.DrainToImmutable());
    }
}
