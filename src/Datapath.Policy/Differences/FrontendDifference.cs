using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What happens to a frontend from one state to another.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Service">The service that it belongs to afterwards or, if it is gone, before.</param>
/// <param name="Frontend">Its address, or a range; with <c>/i</c> for the internal scope.</param>
/// <param name="Details">A phrase each: what of it differs or, if it is new, what it is. Empty if it is gone.</param>
public sealed record FrontendDifference(DifferenceKind Kind, ServiceName Service, string Frontend, ImmutableArray<string> Details)
{
    /// <summary>One line: the frontend, and what differs.</summary>
    public override string ToString() => $"{Kind} {Service} {Frontend}{(Details.IsEmpty ? "" : $": {string.Join("; ", Details)}")}";
}
