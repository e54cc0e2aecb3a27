using System.Net;

namespace Datapath.Hosting;

/// <summary>The machine that the datapath runs on.</summary>
public sealed class NodeOptions
{
    /// <summary>The host name, in lower case.</summary>
    internal static string HostName => Dns.GetHostName().ToLowerInvariant();

    /// <summary>
    /// <c>node:name</c>: its name, as EndpointSlices write it, in the form that Kubernetes gives to names of nodes. Default: the host name, in lower case,
    /// which may have another form as long as no cluster is followed.
    /// </summary>
    public string Name { get; set; } = HostName;

    /// <summary>
    /// <c>node:addresses</c>: its addresses. Default: <see langword="null"/>, those of the devices in <see cref="DatapathOptions.HostNetworkNamespace"/>,
    /// also when they change; an empty list means none. No loopback, unspecified or multicast addresses.
    /// </summary>
    public IList<IPAddress>? Addresses { get; set; }

    /// <summary><c>node:labels</c>: its labels. Default: none, and then those of its Node object.</summary>
    public IDictionary<string, string> Labels { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary><c>node:zone</c>: its zone. Default: <see langword="null"/>, that of its Node object.</summary>
    public string? Zone { get; set; }
}
