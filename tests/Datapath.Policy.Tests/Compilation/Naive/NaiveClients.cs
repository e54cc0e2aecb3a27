namespace Datapath.Policy.Tests.Compilation.Naive;

/// <summary>Which programs of the node a client selector means.</summary>
internal static class NaiveClients
{
    public static RedirectClients Of(ClientSelector selector, NaiveCluster cluster)
    {
        var pods = cluster.LocalPods.Where(pod => !pod.Spec.HostNetwork);
        var isExcept = selector.Include.IsEmpty;
        var named = pods.Where(pod => IsMatch(pod, selector, cluster) != isExcept);
        return new() { HostProcesses = selector.MatchesHostProcesses(), AllPodsExcept = isExcept, Pods = [.. Names(named)] };
    }

    public static IEnumerable<PodName> Names(IEnumerable<Pod> pods) =>
        pods.Select(pod => new PodName(pod.Metadata.Namespace, pod.Metadata.Name)).Order();

    private static bool IsMatch(Pod pod, ClientSelector selector, NaiveCluster cluster) =>
        selector.MatchesPod(cluster.LabelsOfNamespace(pod.Metadata.Namespace), pod.Metadata.Labels);
}
