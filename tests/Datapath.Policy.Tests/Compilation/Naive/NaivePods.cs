using System.Net;

namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>What the datapath is told of the pods of this node.</summary>
internal static class NaivePods
{
    public static IEnumerable<LocalPod> Of(NaiveCluster cluster) =>
        from pod in cluster.LocalPods
        select new LocalPod(new(pod.Metadata.Namespace, pod.Metadata.Name))
        {
            Uid = pod.Metadata.Uid ?? "",
            IsHostNetwork = pod.Spec.HostNetwork,
            Addresses = [.. pod.Addresses.Select(IPAddress.Parse).Distinct()],
        };
}
