using System.Net;

namespace Datapath.Linux.Netlink;

/// <summary>How a VXLAN interface sends: Ethernet in UDP, to make one network of many machines.</summary>
/// <remarks>Minimum kernel: 3.7; 4.3 for <see cref="CollectsMetadata"/>.</remarks>
public sealed record VxlanOptions
{
    /// <summary>The UDP port that IANA gave to VXLAN, 4789.</summary>
    public const int DefaultPort = 4789;

    /// <summary>The number of the virtual network, 0 to 16777215. The default is 0, as it must be with <see cref="CollectsMetadata"/>.</summary>
    public int Id { get; init; }

    /// <summary>The address to send from; <see langword="null"/> (the default) lets the route decide.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>
    /// Where to send what no forwarding entry knows: one machine or a multicast group (this needs <see cref="LowerIndex"/>), of the family of
    /// <see cref="Local"/>; <see langword="null"/> (the default) drops it.
    /// </summary>
    public IPAddress? Remote { get; init; }

    /// <summary>The UDP port. The default is <see cref="DefaultPort"/>.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>The interface to send from; 0 (the default) lets the route decide.</summary>
    public int LowerIndex { get; init; }

    /// <summary>Whether it learns from what comes in which machine has which hardware address. The default is <see langword="true"/>.</summary>
    public bool IsLearning { get; init; } = true;

    /// <summary>Whether a BPF program or a route gives each packet its network and remote (as "external" of ip-link). The default is <see langword="false"/>.</summary>
    public bool CollectsMetadata { get; init; }
}
