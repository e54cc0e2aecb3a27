using Datapath.Linux;

namespace Datapath.Hosting;

/// <summary>Clients that stay with their backend.</summary>
public sealed class SessionAffinityOptions
{
    /// <summary>
    /// <c>sessionAffinity:byCgroup</c>: whether programs in the host's network namespace are told apart by their cgroup rather than being one client, see
    /// <see cref="LinuxDatapathOptions.AffinityByCgroup"/>. Default: no.
    /// </summary>
    public bool ByCgroup { get; set; }
}
