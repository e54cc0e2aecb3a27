using Datapath.Linux;

namespace Datapath.Hosting;

/// <summary>How programs' dials are balanced.</summary>
public sealed class SocketLbOptions
{
    /// <summary><c>socketLB:hostNamespaceOnly</c>: whether only the host's own programs are served. Default: no, all below the cgroup are.</summary>
    public bool HostNamespaceOnly { get; set; }

    /// <summary><c>socketLB:exemptCgroups</c>: cgroups whose processes dial as if there were no services, see <see cref="LinuxDatapathOptions.ExemptCgroups"/>. Default: none.</summary>
    public IList<string> ExemptCgroups { get; } = [];

    /// <summary>
    /// <c>socketLB:exemptNetworkNamespaces</c>: network namespaces whose programs do, see <see cref="LinuxDatapathOptions.ExemptNetworkNamespaces"/>. Default: none.
    /// </summary>
    public IList<string> ExemptNetworkNamespaces { get; } = [];

    /// <summary>
    /// <c>socketLB:connectFallback</c>, in the configuration in whole seconds: for how long a backend that did not take a TCP connection is passed over, 10 ms to one day, see
    /// <see cref="LinuxDatapathOptions.ConnectFallback"/>. Default: zero, off.
    /// </summary>
    public TimeSpan ConnectFallback { get; set; }
}
