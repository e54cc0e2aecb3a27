using System.Net;
using Datapath.Linux;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Node ports.</summary>
public sealed class NodePortOptions
{
    private static readonly IPNetwork s_linkLocal = new(new([169, 254, 0, 0]), 16);

    /// <summary><c>nodePort:range</c>: the ports that the cluster gives to node ports. Default: 30000-32767.</summary>
    public PortRange Range { get; set; } = NodeConfiguration.DefaultNodePortRange;

    /// <summary>
    /// <c>nodePort:addresses</c>: the ranges whose addresses of the node offer node ports and host ports. Default: none, and then all its
    /// addresses but loopback and link-local ones do.
    /// </summary>
    public IList<IPNetwork> Addresses { get; } = [];

    /// <summary>
    /// <c>nodePort:bindProtection</c>: whether programs of the host are kept from listening where services are served, see
    /// <see cref="LinuxDatapathOptions.BindProtection"/>. Default: yes.
    /// </summary>
    public bool BindProtection { get; set; } = true;

    /// <summary>Whether the node's address offers node ports.</summary>
    internal bool IsOfferedAt(IPAddress address) =>
        Addresses.Count == 0 ? !IPAddress.IsLoopback(address) && !IsLinkLocal(address) : Addresses.Any(range => range.Contains(address));

    private static bool IsLinkLocal(IPAddress address) => address.IsIPv6LinkLocal || s_linkLocal.Contains(address);
}
