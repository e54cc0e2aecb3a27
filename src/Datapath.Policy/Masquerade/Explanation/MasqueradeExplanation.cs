using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What becomes of a packet that leaves the node, and why.</summary>
/// <param name="Packet">The packet.</param>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="AddressChoice">How the address is chosen that it gets; <see langword="null"/> if it is not translated.</param>
/// <param name="Steps">What is known of its source and destination, by whom, and then the rules up to the one that decided.</param>
public sealed record MasqueradeExplanation(
    MasqueradePacket Packet, MasqueradeVerdict Verdict, MasqueradeAddressChoice? AddressChoice, ImmutableArray<ExplanationStep> Steps)
{
    /// <summary>One line: the packet, and what becomes of it.</summary>
    public override string ToString() => $"{Packet}: {Verdict}";
}
