using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What happens, from one state to another, to a pod whose dials are left alone (<see cref="LocalPod.IsExempt"/>).</summary>
/// <param name="Kind">Whether its dials are left alone from now on, no longer, or it is found by other things.</param>
/// <param name="Pod">The pod.</param>
/// <param name="Details">What of it differs, a phrase each. Empty unless it changed.</param>
public sealed record PodDifference(DifferenceKind Kind, PodName Pod, ImmutableArray<string> Details)
{
    /// <summary>One line: the pod, and what differs.</summary>
    public override string ToString() => $"{Kind} pod {Pod}{(Details.IsEmpty ? "" : $": {string.Join("; ", Details)}")}";
}
