using System.Net;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Node ports.</summary>
public sealed class NodePortOptions
{
    /// <summary><c>nodePort:range</c>: the ports that the cluster gives to node ports. Default: 30000-32767.</summary>
    public PortRange Range { get; set; } = NodeConfiguration.DefaultNodePortRange;

    /// <summary>
    /// <c>nodePort:addresses</c>: the ranges whose addresses of the node offer node ports and host ports. Default: none, and then all its
    /// addresses but loopback ones do.
    /// </summary>
    public IList<IPNetwork> Addresses { get; } = [];

    /// <summary>Whether the node's address offers node ports.</summary>
    internal bool IsOfferedAt(IPAddress address) =>
        Addresses.Count == 0 ? !IPAddress.IsLoopback(address) : Addresses.Any(range => range.Contains(address));
}
