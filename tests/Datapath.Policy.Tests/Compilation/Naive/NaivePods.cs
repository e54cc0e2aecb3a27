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
            IsExempt = IsExempt(pod, cluster.Valid.OfType<Namespace>().FirstOrDefault(item => item.Metadata.Name == pod.Metadata.Namespace)),
        };

    /// <summary>The first that says something counts: the pod, the annotation of its namespace, the label of its namespace.</summary>
    public static bool IsExempt(Pod pod, Namespace? around)
    {
        var said = new[] { pod.Metadata.Annotations, around?.Metadata.Annotations, around?.Metadata.Labels };
        return said.Select(texts => texts?.GetValueOrDefault("datapath.io/socket-lb")).FirstOrDefault(text => text is not null) is "disabled";
    }
}
