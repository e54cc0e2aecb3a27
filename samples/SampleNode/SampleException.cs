namespace Datapath.SampleNode;

/// <summary>A sample cannot go on, for a reason that its user can read.</summary>
public sealed class SampleException(string message) : Exception(message);
