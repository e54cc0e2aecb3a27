using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>
/// Some clients: either pods, by the labels of their namespaces, their own, or both; or host processes. A namespace is named by its
/// label <see cref="Namespace.NameLabel"/>.
/// </summary>
public sealed record ClientPeer
{
    /// <summary>The namespaces of the pods. Default: any.</summary>
    public LabelSelector? Namespaces { get; init; }

    /// <summary>The pods. Default: all of the namespaces.</summary>
    public LabelSelector? Pods { get; init; }

    /// <summary>Whether it is processes of the host, outside all pods; then there are no selectors. Default: no.</summary>
    public bool HostProcesses { get; init; }

    /// <summary>Whether a pod is one of the clients. Allocates nothing.</summary>
    /// <param name="namespaceLabels">The labels of its namespace.</param>
    /// <param name="podLabels">Its labels.</param>
    public bool MatchesPod(ImmutableDictionary<string, string> namespaceLabels, ImmutableDictionary<string, string> podLabels) =>
        !HostProcesses && (Namespaces is not null || Pods is not null)
        && (Namespaces is null || Namespaces.Matches(namespaceLabels)) && (Pods is null || Pods.Matches(podLabels));
}
