using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>The programs of the node that a redirect is for.</summary>
/// <param name="HostProcesses">Whether processes of the host are meant.</param>
/// <param name="AllPodsExcept">Whether all pods but <paramref name="Pods"/> are meant, or only those.</param>
/// <param name="Pods">The pods, by name.</param>
public sealed record ClientsRow(bool HostProcesses, bool AllPodsExcept, ImmutableArray<string> Pods)
{
    internal static ClientsRow Of(RedirectClients clients) =>
        new(clients.HostProcesses, clients.AllPodsExcept, [.. clients.Pods.Select(static pod => pod.ToString())]);
}
