using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>What services have of redirect policies, and which depend on who the pods of the node are.</summary>
internal static class ClientExtensions
{
    /// <summary>Whether some redirect of the service names pods.</summary>
    public static bool HasClients(this DesiredService service) => service.NamedPods().Any();

    /// <summary>Whether some redirect of the service names one of these pods.</summary>
    public static bool NamesPods(this DesiredService service, HashSet<PodName> pods) =>
        service.NamedPods().Any(pods.Contains);

    /// <summary>The pods that redirects of the service name, some several times.</summary>
    public static IEnumerable<PodName> NamedPods(this DesiredService service) => service.Redirects().SelectMany(static redirect => redirect.Clients.Pods.Concat(redirect.SkippedPods));

    /// <summary>The policies whose redirects the service has, each once.</summary>
    public static ImmutableArray<ServiceName> Policies(this DesiredService service) => [.. service.Redirects().Select(static redirect => redirect.Policy).Distinct()];

    private static IEnumerable<Redirect> Redirects(this DesiredService service) =>
        service.Frontends.SelectMany(static frontend => frontend.Redirects).Concat(service.Ranges.SelectMany(static range => range.Redirects));
}
