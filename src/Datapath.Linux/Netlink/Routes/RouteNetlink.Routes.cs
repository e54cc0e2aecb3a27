using System.Net;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    private const int RouteRequestLength = 4096; // a next hop takes up to 28 bytes, so there is room for 140

    /// <summary>Adds a route.</summary>
    /// <exception cref="NetlinkException">There is one to that destination with that metric (EEXIST), or the gateway cannot be reached from here.</exception>
    public void AddRoute(NetworkRoute route)
    {
        var request = RouteRequest(stackalloc byte[RouteRequestLength], Rtnl.RTM_NEWROUTE, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, route);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"add {Describe(route)}");
    }

    /// <summary>Adds a route in the place of one to the same destination with the same metric, if there is one.</summary>
    /// <exception cref="NetlinkException">The gateway cannot be reached from here, or the kernel refused for another reason.</exception>
    public void ReplaceRoute(NetworkRoute route)
    {
        var request = RouteRequest(stackalloc byte[RouteRequestLength], Rtnl.RTM_NEWROUTE, Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE, route);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"replace {Describe(route)}");
    }

    /// <summary>Deletes the route with that destination, type and table, and with the source, gateway, interface, preferred source and metric that are set.</summary>
    /// <exception cref="NetlinkException">There is none (ESRCH).</exception>
    public void DeleteRoute(NetworkRoute route)
    {
        var request = RouteRequest(stackalloc byte[RouteRequestLength], Rtnl.RTM_DELROUTE, flags: 0, route);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"delete {Describe(route)}");
    }

    /// <summary>The routes of one table or of all, IPv4 before IPv6.</summary>
    /// <param name="table">The routing table; 0 means all. The default is <see cref="NetworkRoute.MainTable"/>.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<NetworkRoute> ListRoutes(uint table = NetworkRoute.MainTable) =>
        [.. ListRoutes(Libc.AF_INET, table), .. ListRoutes(Libc.AF_INET6, table)];

    /// <summary>Asks the kernel which way a packet would go.</summary>
    /// <param name="packet">The packet.</param>
    /// <returns>
    /// The way, as a route to the one destination: type, gateway, interface and the table it is from. Of a packet of this machine
    /// <see cref="NetworkRoute.PreferredSource"/> is the address it would have.
    /// </returns>
    /// <exception cref="NetlinkException">
    /// There is no way (ENETUNREACH), or a route refuses it (EHOSTUNREACH, EACCES, EINVAL, as <see cref="NetworkRouteType"/> says).
    /// </exception>
    public NetworkRoute GetRoute(RouteLookup packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(packet.Destination, nameof(packet));
        ArgumentOutOfRangeException.ThrowIfNegative(packet.InputIndex);
        ArgumentOutOfRangeException.ThrowIfNegative(packet.OutputIndex);
        var family = FamilyOf(packet.Destination);
        var bits = family is Libc.AF_INET ? (byte)32 : (byte)128;
        RequireFamily(packet.Source, family, "source");
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Rtnl.RTM_GETROUTE);
        request.Add(new RtMsg
        {
            Family = family,
            DestinationLength = bits,
            SourceLength = packet.Source is null ? (byte)0 : bits,
            Flags = family is Libc.AF_INET ? Rtnl.RTM_F_LOOKUP_TABLE : 0, // IPv6 says the table unasked
        });
        request.Add(Rtnl.RTA_DST, packet.Destination);
        if (packet.Source is { } source)
            request.Add(Rtnl.RTA_SRC, source);
        if (packet.InputIndex > 0)
            request.Add(Rtnl.RTA_IIF, packet.InputIndex);
        if (packet.OutputIndex > 0)
            request.Add(Rtnl.RTA_OIF, packet.OutputIndex);
        if (packet.Mark > 0)
            request.Add(Rtnl.RTA_MARK, packet.Mark);
        NetworkRoute? route = null;
        var ack = _socket.Execute(ref request, message => route = NetworkRouteReader.ReadAny(message) is { } way ? way with { Source = null } : null); // it would be the packet's
        NetlinkException.ThrowIfFailed(ack, $"find the route to {packet.Destination}");
        return route ?? throw new NetlinkFormatException("the answer has no route");
    }

    private static NetlinkWriter RouteRequest(Span<byte> buffer, ushort type, ushort flags, NetworkRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentOutOfRangeException.ThrowIfNegative(route.InterfaceIndex);
        ArgumentOutOfRangeException.ThrowIfZero(route.Table);
        var family = FamilyOf(route.Destination.BaseAddress);
        ArgumentNullException.ThrowIfNull(route.NextHops, nameof(route));
        ArgumentOutOfRangeException.ThrowIfNegative(route.Mtu);
        ArgumentOutOfRangeException.ThrowIfNegative(route.AdvertisedMss);
        if (route.NextHopId is 0 && route.NextHops.Count > 0 && (route.Gateway is not null || route.InterfaceIndex > 0))
            throw new ArgumentException("a route has either several next hops or a gateway and an interface of its own", nameof(route));
        RequireFamily(route.PreferredSource, family, "preferred source");
        RequireFamily(route.Source?.BaseAddress, family, "source");
        if (route.Source is not null && family is not Libc.AF_INET6)
            throw new ArgumentException("a route of IPv4 is for packets from anywhere; a routing rule tells them apart by their source", nameof(route));
        var deleting = type is Rtnl.RTM_DELROUTE;
        if (!deleting && (route.Encapsulation is not RouteEncapsulation.None || route.NextHops.Any(static hop => hop.Encapsulation is not RouteEncapsulation.None)))
            throw new ArgumentException("what a route puts round packets cannot be written, only listed", nameof(route));
        var request = new NetlinkWriter(buffer, type, flags);
        request.Add(new RtMsg
        {
            Family = family,
            DestinationLength = (byte)route.Destination.PrefixLength,
            SourceLength = (byte)(route.Source?.PrefixLength ?? 0),
            Tos = route.TypeOfService,
            Protocol = deleting ? (byte)0 : route.Protocol, // 0: any
            Scope = deleting ? Rtnl.RT_SCOPE_NOWHERE : (byte)(route.Scope ?? NetworkRouteReader.UsualScope(route)), // NOWHERE: any
            Type = (byte)route.Type,
            Flags = route.IsOnLink ? Rtnl.RTNH_F_ONLINK : 0,
        });
        request.Add(Rtnl.RTA_TABLE, route.Table); // 32 bits, where the header has 8
        if (route.Destination.PrefixLength > 0)
            request.Add(Rtnl.RTA_DST, route.Destination.BaseAddress);
        if (route.Source is { PrefixLength: > 0 } from)
            request.Add(Rtnl.RTA_SRC, from.BaseAddress);
        AddWay(ref request, family, route);
        if (route.PreferredSource is { } source)
            request.Add(Rtnl.RTA_PREFSRC, source);
        if (route.Metric > 0)
            request.Add(Rtnl.RTA_PRIORITY, route.Metric);
        if (!deleting)
            AddMetrics(ref request, route);
        return request;
    }

    // The kernel takes either an object or what it would say.
    private static void AddWay(ref NetlinkWriter request, byte family, NetworkRoute route)
    {
        if (route.NextHopId > 0)
        {
            request.Add(Rtnl.RTA_NH_ID, route.NextHopId);
            return;
        }

        AddGateway(ref request, family, route.Gateway);
        if (route.InterfaceIndex > 0)
            request.Add(Rtnl.RTA_OIF, route.InterfaceIndex);
        AddNextHops(ref request, family, route.NextHops);
    }

    private static void AddMetrics(ref NetlinkWriter request, NetworkRoute route)
    {
        if (route is { Mtu: 0, AdvertisedMss: 0 })
            return;
        var metrics = request.BeginNested(Rtnl.RTA_METRICS);
        if (route.Mtu > 0)
            request.Add(Rtnl.RTAX_MTU, route.Mtu);
        if (route.AdvertisedMss > 0)
            request.Add(Rtnl.RTAX_ADVMSS, route.AdvertisedMss);
        request.EndNested(metrics);
    }

    private static void AddNextHops(ref NetlinkWriter request, byte family, NextHopList hops)
    {
        if (hops.Count == 0)
            return;
        var all = request.BeginNested(Rtnl.RTA_MULTIPATH);
        foreach (var hop in hops)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(hop.Weight, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(hop.Weight, 256);
            ArgumentOutOfRangeException.ThrowIfNegative(hop.InterfaceIndex);
            var start = request.Length;
            request.Add(new RtNextHop { Flags = hop.IsOnLink ? (byte)Rtnl.RTNH_F_ONLINK : (byte)0, Hops = (byte)(hop.Weight - 1), Index = hop.InterfaceIndex });
            AddGateway(ref request, family, hop.Gateway);
            request.EndNested(start); // the length stands where that of an attribute does
        }

        request.EndNested(all);
    }

    private static void AddGateway(ref NetlinkWriter request, byte family, IPAddress? gateway)
    {
        if (gateway is null)
            return;
        var own = FamilyOf(gateway);
        if (own == family)
        {
            request.Add(Rtnl.RTA_GATEWAY, gateway);
            return;
        }

        if (own is not Libc.AF_INET6)
            throw new ArgumentException($"the gateway {gateway} is not of the family of the destination");
        Span<byte> via = stackalloc byte[sizeof(ushort) + 16]; // struct rtvia: the family, then the address
        BitConverter.TryWriteBytes(via, (ushort)own);
        gateway.TryWriteBytes(via[sizeof(ushort)..], out _);
        request.Add(Rtnl.RTA_VIA, via);
    }

    private static void RequireFamily(IPAddress? address, byte family, string what, string ofWhat = "destination")
    {
        if (address is not null && FamilyOf(address) != family)
            throw new ArgumentException($"the {what} {address} is not of the family of the {ofWhat}");
    }

    private static string Describe(NetworkRoute route)
    {
        var type = route.Type is NetworkRouteType.Unicast ? "" : $"{route.Type} ";
        var gateway = route.Gateway is null ? "" : $" via {route.Gateway}";
        var device = route.InterfaceIndex is 0 ? "" : $" from interface {route.InterfaceIndex}";
        var hops = route.NextHops.Count is 0 ? "" : $" by {route.NextHops.Count} next hops";
        var source = route.Source is { } from ? $" from {from}" : "";
        var service = route.TypeOfService is 0 ? "" : $" tos 0x{route.TypeOfService:x}";
        return route.NextHopId > 0
            ? $"{type}route to {route.Destination}{source}{service} by next hop {route.NextHopId}"
            : $"{type}route to {route.Destination}{source}{service}{gateway}{device}{hops}";
    }

    private List<NetworkRoute> ListRoutes(byte family, uint table)
    {
        // Not filtered by table in the kernel: that makes a table which nobody has used yet an error.
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Rtnl.RTM_GETROUTE);
        request.Add(new RtMsg { Family = family });
        return List(
            ref request,
            message => NetworkRouteReader.Read(message) is { } route && (table == 0 || route.Table == table) ? route : null,
            table == 0 ? "the routes of all tables" : $"the routes of table {table}");
    }
}
