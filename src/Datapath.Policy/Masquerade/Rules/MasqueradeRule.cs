namespace Datapath.Policy;

/// <summary>A rule: when it applies, and what it says.</summary>
/// <param name="Reason">Its name.</param>
/// <param name="Action">What becomes of the packet.</param>
/// <param name="Condition">When it applies, in words.</param>
/// <param name="SetBy">The options and objects that it depends on, for people; empty if it depends on none.</param>
/// <param name="Applies">The same for a pair of classes; <see langword="null"/> if that is the engine's to know, packet by packet.</param>
internal sealed record MasqueradeRule(MasqueradeReason Reason, MasqueradeAction Action, string Condition, string SetBy, Func<MasqueradeCase, bool>? Applies);
