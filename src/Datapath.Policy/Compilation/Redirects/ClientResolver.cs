using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Finds the programs of this node that a client selector means.</summary>
internal static class ClientResolver
{
    public static RedirectClients Resolve(RedirectPlan plan, LocalPods pods, NamespaceLabels namespaces)
    {
        var selector = plan.Clients;
        if (selector.Include.IsDefaultOrEmpty && selector.Exclude.IsDefaultOrEmpty)
            return RedirectClients.Everybody;

        // Without anybody to include everybody is meant, also pods that come later: so those are listed that are not.
        var allExcept = selector.Include.IsDefaultOrEmpty;
        var listed = ImmutableArray.CreateBuilder<PodName>();
        foreach (var entry in plan.ClientsArePods ? pods.All : [])
        {
            var pod = entry.Pod!;
            if (pod.Spec.HostNetwork || pod.IsFinished)
                continue; // on the host's network it is a process of the host
            if (selector.MatchesPod(namespaces.Of(pod.Metadata.Namespace), pod.Metadata.Labels) != allExcept)
                listed.Add(entry.Name);
        }

        return new() { HostProcesses = selector.MatchesHostProcesses(), AllPodsExcept = allExcept, Pods = listed.ToImmutable() };
    }
}
