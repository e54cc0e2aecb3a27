using System.Net;

namespace Datapath.Linux.Netlink;

/// <summary>A route, to be added or as the kernel lists it; what was listed can be given back to delete it.</summary>
/// <param name="Destination">The packets it is for; its family is the route's. <c>0.0.0.0/0</c> or <c>::/0</c> is the default route.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record NetworkRoute(IPNetwork Destination)
{
    /// <summary>The number of the kernel's main routing table, 254.</summary>
    public const uint MainTable = 254;

    /// <summary>The number of the table that says which addresses are the machine's own, 255.</summary>
    public const uint LocalTable = 255;

    /// <summary>
    /// The network from which the packets come; <see langword="null"/> (the default) for any. Only IPv6 has it, in kernels built with
    /// <c>CONFIG_IPV6_SUBTREES</c>.
    /// </summary>
    public IPNetwork? Source { get; init; }

    /// <summary>What it does with a packet. The default is <see cref="NetworkRouteType.Unicast"/>.</summary>
    public NetworkRouteType Type { get; init; } = NetworkRouteType.Unicast;

    /// <summary>
    /// The next hop; <see langword="null"/> (the default) if the destination is on the link. It is of the family of <see cref="Destination"/>, but an
    /// IPv4 route may also have an IPv6 gateway (minimum kernel: 5.2).
    /// </summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The interface to send from; 0 (the default) lets the kernel find it by the gateway.</summary>
    public int InterfaceIndex { get; init; }

    /// <summary>The address that local sockets take if they have not bound one; <see langword="null"/> (the default) lets the kernel choose.</summary>
    public IPAddress? PreferredSource { get; init; }

    /// <summary>
    /// The routing table. The default is <see cref="MainTable"/>; sockets can be bound to the IPv4 addresses of a
    /// <see cref="NetworkRouteType.Local"/> route only if it is in <see cref="LocalTable"/>.
    /// </summary>
    public uint Table { get; init; } = MainTable;

    /// <summary>Lower wins among routes to the same destination. The default, 0, means 0 for IPv4 and 1024 for IPv6, as in the kernel.</summary>
    public uint Metric { get; init; }

    /// <summary>
    /// The type of service that packets must have, a multiple of 4; 0 (the default) for any that has no route of its own. Only IPv4 has it.
    /// </summary>
    public byte TypeOfService { get; init; }

    /// <summary>Takes the gateway to be on the link though no address of the interface says so. The default is <see langword="false"/>.</summary>
    public bool IsOnLink { get; init; }

    /// <summary>Who made it, a number of rtnetlink(7): 2 the kernel, 3 boot, 4 (the default) static.</summary>
    public byte Protocol { get; init; } = Rtnl.RTPROT_STATIC;

    /// <summary>How far away the destination is; <see langword="null"/> (the default) for what the type and the gateway say. IPv6 has none.</summary>
    public NetworkRouteScope? Scope { get; init; }

    /// <summary>The largest packet that the way takes, in bytes; 0 (the default) for that of the interface.</summary>
    public int Mtu { get; init; }

    /// <summary>The largest TCP segment to ask the other end for, in bytes; 0 (the default) lets the kernel compute it.</summary>
    public int AdvertisedMss { get; init; }

    /// <summary>
    /// Several ways to take in turns; empty (the default) for the one of <see cref="Gateway"/> and <see cref="InterfaceIndex"/>, which are not set else.
    /// </summary>
    public NextHopList NextHops { get; init; } = NextHopList.Empty;

    /// <summary>
    /// The next hop object (<c>ip nexthop</c>) that says the way; 0 (the default) for none. Then <see cref="Gateway"/>,
    /// <see cref="InterfaceIndex"/> and <see cref="NextHops"/> tell what the object says as the route is listed, and are not given to the kernel.
    /// Minimum kernel: 5.3.
    /// </summary>
    public uint NextHopId { get; init; }

    /// <summary>
    /// What is put round packets. A route that has such a thing can be listed and deleted; it cannot be added, as its parameters are not known here.
    /// </summary>
    public RouteEncapsulation Encapsulation { get; init; }
}
