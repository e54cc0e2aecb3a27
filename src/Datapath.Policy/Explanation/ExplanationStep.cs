namespace Datapath.Policy;

/// <summary>A step on the way of a dial.</summary>
/// <param name="Topic">What it is about.</param>
/// <param name="Applies">Whether it counts for the dial, or is told because it does not.</param>
/// <param name="Subject">The address, object or policy that it is about.</param>
/// <param name="Reason">Why.</param>
public sealed record ExplanationStep(ExplanationTopic Topic, bool Applies, string Subject, string Reason);
