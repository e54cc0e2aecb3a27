using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What becomes of a dial on this node, and why.</summary>
/// <param name="Client">Who dials.</param>
/// <param name="Destination">What is dialled.</param>
/// <param name="Outcome">What becomes of it.</param>
/// <param name="Backends">Where it may go, each with its weight, if it goes to a backend.</param>
/// <param name="Steps">The rules in the order in which they were gone through.</param>
public sealed record Explanation(
    DialClient Client, L4Address Destination, DialOutcome Outcome, ImmutableArray<Backend> Backends, ImmutableArray<ExplanationStep> Steps)
{
    /// <summary>One line: who dials what, what becomes of it, and where it may go.</summary>
    public override string ToString() =>
        $"{Client} to {Destination}: {Outcome}{(Backends.IsEmpty ? "" : $" {string.Join(' ', Backends.Select(static backend => backend.Address.ToString()))}")}";
}
