namespace Datapath.Policy;

/// <summary>An object that a source has, and cannot take in as it is.</summary>
/// <param name="Object">The object.</param>
/// <param name="Reason">What is wrong with it: every field, value and reason.</param>
public sealed record RefusedObject(ObjectKey Object, string Reason);
