namespace Datapath.Policy;

/// <summary>What the rules look at: two classes and the options of the node.</summary>
/// <param name="Source">What is known of the source.</param>
/// <param name="Destination">What is known of the destination.</param>
/// <param name="Options">The options.</param>
internal readonly record struct MasqueradeCase(MasqueradeSourceFacts Source, MasqueradeDestinationFacts Destination, MasqueradeOptions Options)
{
    private const MasqueradeSourceFacts AnySource =
        MasqueradeSourceFacts.Listed | MasqueradeSourceFacts.PodNetwork | MasqueradeSourceFacts.Pod | MasqueradeSourceFacts.Interface;

    /// <summary>Whether the source is one that is masqueraded.</summary>
    public bool IsSource => (Source & AnySource) != 0 || (Options.MasqueradesForwarded && Is(MasqueradeSourceFacts.Forwarded));

    public bool Is(MasqueradeSourceFacts fact) => (Source & fact) != 0;

    public bool Goes(MasqueradeDestinationFacts fact) => (Destination & fact) != 0;
}
