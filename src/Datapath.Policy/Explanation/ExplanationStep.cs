namespace Datapath.Policy;

/// <summary>A step on the way of a dial or packet.</summary>
/// <param name="Topic">What it is about.</param>
/// <param name="Applies">Whether it counts, or is told because it does not.</param>
/// <param name="Subject">The address, range, object, policy or rule that it is about.</param>
/// <param name="Reason">Why.</param>
public sealed record ExplanationStep(ExplanationTopic Topic, bool Applies, string Subject, string Reason);
