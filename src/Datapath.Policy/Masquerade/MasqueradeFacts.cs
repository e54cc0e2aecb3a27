namespace Datapath.Policy;

/// <summary>All that is known, before it is put together: who says what of which range.</summary>
/// <param name="Scope">What is compiled for.</param>
/// <param name="Sources">What is known of sources.</param>
/// <param name="Destinations">What is known of destinations.</param>
internal sealed record MasqueradeFacts(
    MasqueradeScope Scope, List<PrefixFact<MasqueradeSourceClass>> Sources, List<PrefixFact<MasqueradeDestinationFacts>> Destinations)
{
    public MasqueradeOptions Options { get; } = MasqueradeOptions.Of(Scope.Configuration);
}
