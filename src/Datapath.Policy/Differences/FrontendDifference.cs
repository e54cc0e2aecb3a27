using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What happens to a frontend from one state to another.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Service">The service that it belongs to afterwards or, if it is gone, before.</param>
/// <param name="Frontend">Its address, or a range; with <c>/i</c> for the internal scope.</param>
/// <param name="Details">What of it differs, a phrase each. Empty unless it changed.</param>
public sealed record FrontendDifference(DifferenceKind Kind, ServiceName Service, string Frontend, ImmutableArray<string> Details);
