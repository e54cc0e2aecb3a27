using System.Net;
using System.Net.NetworkInformation;

namespace Datapath.Linux.Netlink;

/// <summary>The hardware address of an address on the link (the ARP and NDP tables), or an address for which this machine answers in the place of another.</summary>
/// <param name="InterfaceIndex">The interface.</param>
/// <param name="Address">The IPv4 or IPv6 address.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record NetworkNeighbour(int InterfaceIndex, IPAddress Address)
{
    /// <summary>The hardware address; <see cref="PhysicalAddress.None"/> (the default) if not known, and for proxies.</summary>
    public PhysicalAddress MacAddress { get; init; } = PhysicalAddress.None;

    /// <summary>The state. The default, for one that is added, is <see cref="NeighbourStates.Permanent"/>.</summary>
    public NeighbourStates State { get; init; } = NeighbourStates.Permanent;

    /// <summary>Whether this machine answers for the address, so that its packets come here. Such entries are listed by <see cref="RouteNetlink.ListProxyNeighbours"/>.</summary>
    public bool IsProxy { get; init; }

    /// <summary>Whether it is an IPv6 router.</summary>
    public bool IsRouter { get; init; }

    /// <summary>Whether a program learnt it and keeps it fresh, so that the kernel does not remove it for lack of use. The default is <see langword="false"/>.</summary>
    public bool IsExternallyLearned { get; init; }
}
