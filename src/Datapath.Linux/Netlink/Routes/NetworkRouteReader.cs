using System.Net;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Netlink;

/// <summary>From RTM_NEWROUTE and RTM_DELROUTE to <see cref="NetworkRoute"/>.</summary>
internal static class NetworkRouteReader
{
    /// <summary>
    /// How far away the destination is if nobody says so. IPv4 refuses a route whose gateway is not nearer than the destination; IPv6 does not look.
    /// </summary>
    internal static NetworkRouteScope UsualScope(NetworkRoute route) => route switch
    {
        { Type: NetworkRouteType.Local } => NetworkRouteScope.Host,
        { Type: NetworkRouteType.Unicast, Gateway: null, NextHops.Count: 0, NextHopId: 0 } => NetworkRouteScope.Link,
        _ => NetworkRouteScope.Universe,
    };

    /// <summary>Reads a route of a table; <see langword="null"/> if the message is of something else, such as one that the kernel remembers for itself.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static NetworkRoute? Read(NetlinkMessage message) =>
        message.Type is Rtnl.RTM_NEWROUTE or Rtnl.RTM_DELROUTE && (message.ReadHeader<RtMsg>().Flags & Rtnl.RTM_F_CLONED) == 0 ? ReadAny(message) : null;

    /// <summary>Reads a route of a table, or the answer to a lookup.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off, or a value in it is.</exception>
    internal static NetworkRoute? ReadAny(NetlinkMessage message)
    {
        if (message.Type is not (Rtnl.RTM_NEWROUTE or Rtnl.RTM_DELROUTE))
            return null;
        var header = message.ReadHeader<RtMsg>();
        if (header.Family is not (Libc.AF_INET or Libc.AF_INET6))
            return null;
        var destination = header.Family is Libc.AF_INET ? IPAddress.Any : IPAddress.IPv6Any;
        var route = new NetworkRoute(default(IPNetwork))
        {
            Type = (NetworkRouteType)header.Type,
            Protocol = header.Protocol,
            IsOnLink = (header.Flags & Rtnl.RTNH_F_ONLINK) != 0,
            Table = header.Table,
            TypeOfService = header.Tos,
        };
        IPAddress? source = null;
        foreach (var attribute in message.AttributesAfter<RtMsg>())
        {
            if (attribute.Type is Rtnl.RTA_DST)
                destination = attribute.AsAddress();
            else if (attribute.Type is Rtnl.RTA_SRC)
                source = attribute.AsAddress();
            else
                route = ReadAttribute(route, attribute);
        }

        route = route with
        {
            Destination = NetlinkNetwork.Read(destination, header.DestinationLength),
            Source = source is null || header.SourceLength is 0 ? null : NetlinkNetwork.Read(source, header.SourceLength),
        };
        var scope = (NetworkRouteScope)header.Scope;
        return header.Family is Libc.AF_INET && scope != UsualScope(route) ? route with { Scope = scope } : route;
    }

    private static NetworkRoute ReadAttribute(NetworkRoute route, NetlinkAttribute attribute) => attribute.Type switch
    {
        Rtnl.RTA_TABLE => route with { Table = attribute.As<uint>() },
        Rtnl.RTA_GATEWAY => route with { Gateway = attribute.AsAddress() },
        Rtnl.RTA_VIA => route with { Gateway = ReadVia(attribute) },
        Rtnl.RTA_OIF => route with { InterfaceIndex = attribute.As<int>() },
        Rtnl.RTA_PREFSRC => route with { PreferredSource = attribute.AsAddress() },
        Rtnl.RTA_PRIORITY => route with { Metric = attribute.As<uint>() },
        Rtnl.RTA_METRICS => ReadMetrics(route, attribute),
        Rtnl.RTA_MULTIPATH => route with { NextHops = ReadNextHops(attribute) },
        Rtnl.RTA_NH_ID => route with { NextHopId = attribute.As<uint>() },
        Rtnl.RTA_ENCAP_TYPE => route with { Encapsulation = (RouteEncapsulation)attribute.As<ushort>() },
        _ => route,
    };

    private static NetworkRoute ReadMetrics(NetworkRoute route, NetlinkAttribute metrics)
    {
        foreach (var attribute in metrics.Nested())
        {
            route = attribute.Type switch
            {
                Rtnl.RTAX_MTU => route with { Mtu = attribute.As<int>() },
                Rtnl.RTAX_ADVMSS => route with { AdvertisedMss = attribute.As<int>() },
                _ => route,
            };
        }

        return route;
    }

    private static unsafe NextHopList ReadNextHops(NetlinkAttribute multipath)
    {
        var hops = new List<NetworkNextHop>();
        var rest = multipath.Value;
        while (!rest.IsEmpty)
        {
            if (!MemoryMarshal.TryRead<RtNextHop>(rest, out var header) || header.Length < sizeof(RtNextHop) || header.Length > rest.Length)
                throw new NetlinkFormatException($"{rest.Length} bytes are left of the next hops of a route, and the length of the next is wrong");
            var hop = new NetworkNextHop
            {
                InterfaceIndex = header.Index,
                Weight = header.Hops + 1,
                IsOnLink = (header.Flags & Rtnl.RTNH_F_ONLINK) != 0,
            };
            foreach (var attribute in new NetlinkAttributeReader(rest[sizeof(RtNextHop)..header.Length]))
            {
                hop = attribute.Type switch
                {
                    Rtnl.RTA_GATEWAY => hop with { Gateway = attribute.AsAddress() },
                    Rtnl.RTA_VIA => hop with { Gateway = ReadVia(attribute) },
                    Rtnl.RTA_ENCAP_TYPE => hop with { Encapsulation = (RouteEncapsulation)attribute.As<ushort>() },
                    _ => hop,
                };
            }

            hops.Add(hop);
            rest = rest[Math.Min(Nl.Align(header.Length), rest.Length)..];
        }

        return [.. hops];
    }

    private static IPAddress ReadVia(NetlinkAttribute via) => via.Value.Length is sizeof(ushort) + 4 or sizeof(ushort) + 16
        ? new(via.Value[sizeof(ushort)..])
        : throw new NetlinkFormatException($"attribute {via.Type} has {via.Value.Length} bytes where a family and an address take 6 or 18");
}
