namespace Datapath;

/// <summary>What becomes of a packet, and by which rule.</summary>
/// <param name="Action">What becomes of it.</param>
/// <param name="Reason">The rule.</param>
/// <param name="AddressChoice">
/// The number of the choice among <see cref="MasqueradeState.AddressChoices"/>, if it is translated; otherwise 0.
/// </param>
public readonly record struct MasqueradeVerdict(MasqueradeAction Action, MasqueradeReason Reason, byte AddressChoice = 0)
{
    /// <summary>For example <c>Keep (Reply)</c> or <c>Translate 1 (Source)</c>.</summary>
    public override string ToString() => Action is MasqueradeAction.Translate ? $"{Action} {AddressChoice} ({Reason})" : $"{Action} ({Reason})";
}
