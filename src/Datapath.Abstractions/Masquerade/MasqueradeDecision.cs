namespace Datapath;

/// <summary>What becomes of a packet, and what it was found by.</summary>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Source">
/// What is known of its source. It does not matter to <see cref="MasqueradeReason.NatAddress"/> and <see cref="MasqueradeReason.Reply"/>.
/// </param>
/// <param name="Destination">What is known of its destination, likewise.</param>
public readonly record struct MasqueradeDecision(MasqueradeVerdict Verdict, MasqueradeMatch Source, MasqueradeMatch Destination);
