namespace Datapath;

/// <summary>A class of sources: packets of which the same is known, and which get the same addresses.</summary>
/// <param name="Facts">What is known of them.</param>
/// <param name="AddressChoice">The number of their choice among <see cref="MasqueradeState.AddressChoices"/>.</param>
public readonly record struct MasqueradeSourceClass(MasqueradeSourceFacts Facts, byte AddressChoice = 0);
