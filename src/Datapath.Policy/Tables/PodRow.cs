using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>A row of <see cref="PolicyTables.Pods"/>: what the datapath is told of a pod of the node.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Addresses">Its addresses, in its own order. Empty as long as it has none.</param>
/// <param name="IsHostNetwork">Whether it is on the network of the node.</param>
/// <param name="IsExempt">Whether its dials are left alone.</param>
public sealed record PodRow(string Pod, ImmutableArray<string> Addresses, bool IsHostNetwork, bool IsExempt)
{
    internal static PodRow Of(LocalPod pod) =>
        new(pod.Name.ToString(), [.. pod.Addresses.Select(static address => address.ToString())], pod.IsHostNetwork, pod.IsExempt);
}
