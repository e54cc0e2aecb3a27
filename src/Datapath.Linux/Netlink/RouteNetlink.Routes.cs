using System.Net;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    /// <summary>Adds a route.</summary>
    /// <exception cref="NetlinkException">There is one to that destination with that metric (EEXIST), or the gateway cannot be reached from here.</exception>
    public void AddRoute(NetworkRoute route)
    {
        var request = RouteRequest(stackalloc byte[RequestLength], Rtnl.RTM_NEWROUTE, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, route);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"add {Describe(route)}");
    }

    /// <summary>Adds a route in the place of one to the same destination with the same metric, if there is one.</summary>
    /// <exception cref="NetlinkException">The gateway cannot be reached from here, or the kernel refused for another reason.</exception>
    public void ReplaceRoute(NetworkRoute route)
    {
        var request = RouteRequest(stackalloc byte[RequestLength], Rtnl.RTM_NEWROUTE, Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE, route);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"replace {Describe(route)}");
    }

    /// <summary>Deletes the route with that destination, type and table, and with the gateway, interface, source and metric that are set.</summary>
    /// <exception cref="NetlinkException">There is none (ESRCH).</exception>
    public void DeleteRoute(NetworkRoute route)
    {
        var request = RouteRequest(stackalloc byte[RequestLength], Rtnl.RTM_DELROUTE, flags: 0, route);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"delete {Describe(route)}");
    }

    /// <summary>The routes of one table, IPv4 before IPv6. A route with several next hops is listed without them.</summary>
    /// <param name="table">The routing table. The default is <see cref="NetworkRoute.MainTable"/>.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<NetworkRoute> ListRoutes(int table = NetworkRoute.MainTable)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(table);
        return [.. ListRoutes(Libc.AF_INET, table), .. ListRoutes(Libc.AF_INET6, table)];
    }

    private static NetlinkWriter RouteRequest(Span<byte> buffer, ushort type, ushort flags, NetworkRoute route)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentOutOfRangeException.ThrowIfNegative(route.InterfaceIndex);
        ArgumentOutOfRangeException.ThrowIfNegative(route.Metric);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(route.Table);
        var family = FamilyOf(route.Destination.BaseAddress);
        RequireFamily(route.Gateway, family, "gateway");
        RequireFamily(route.PreferredSource, family, "preferred source");
        var deleting = type is Rtnl.RTM_DELROUTE;
        var request = new NetlinkWriter(buffer, type, flags);
        request.Add(new RtMsg
        {
            Family = family,
            DestinationLength = (byte)route.Destination.PrefixLength,
            Protocol = deleting ? (byte)0 : route.Protocol, // 0: any
            Scope = deleting ? Rtnl.RT_SCOPE_NOWHERE : ScopeOf(route), // NOWHERE: any
            Type = (byte)route.Type,
            Flags = route.IsOnLink ? Rtnl.RTNH_F_ONLINK : 0,
        });
        request.Add(Rtnl.RTA_TABLE, route.Table); // 32 bits, where the header has 8
        if (route.Destination.PrefixLength > 0)
            request.Add(Rtnl.RTA_DST, route.Destination.BaseAddress);
        if (route.Gateway is { } gateway)
            request.Add(Rtnl.RTA_GATEWAY, gateway);
        if (route.InterfaceIndex > 0)
            request.Add(Rtnl.RTA_OIF, route.InterfaceIndex);
        if (route.PreferredSource is { } source)
            request.Add(Rtnl.RTA_PREFSRC, source);
        if (route.Metric > 0)
            request.Add(Rtnl.RTA_PRIORITY, route.Metric);
        return request;
    }

    // How far away the destination is. IPv4 refuses a route whose gateway is not nearer than the destination; IPv6 does not look.
    private static byte ScopeOf(NetworkRoute route) => route switch
    {
        { Type: NetworkRouteType.Local } => Rtnl.RT_SCOPE_HOST,
        { Type: NetworkRouteType.Unicast, Gateway: null } => Rtnl.RT_SCOPE_LINK,
        _ => Rtnl.RT_SCOPE_UNIVERSE,
    };

    private static void RequireFamily(IPAddress? address, byte family, string what)
    {
        if (address is not null && FamilyOf(address) != family)
            throw new ArgumentException($"the {what} {address} is not of the family of the destination");
    }

    private static string Describe(NetworkRoute route)
    {
        var type = route.Type is NetworkRouteType.Unicast ? "" : $"{route.Type} ";
        var gateway = route.Gateway is null ? "" : $" via {route.Gateway}";
        var device = route.InterfaceIndex is 0 ? "" : $" from interface {route.InterfaceIndex}";
        return $"{type}route to {route.Destination}{gateway}{device}";
    }

    private static IPNetwork ReadNetwork(IPAddress address, int prefixLength)
    {
        try
        {
            return new(address, prefixLength);
        }
        catch (ArgumentException)
        {
            throw new NetlinkFormatException($"'{address}/{prefixLength}' is not a network");
        }
    }

    internal static NetworkRoute? ReadRoute(NetlinkMessage message, byte family, int table)
    {
        var header = message.ReadHeader<RtMsg>();
        if (message.Type is not Rtnl.RTM_NEWROUTE || header.Family != family)
            return null;
        var destination = family is Libc.AF_INET ? IPAddress.Any : IPAddress.IPv6Any;
        var isInTable = header.Table == table;
        var route = new NetworkRoute(default(IPNetwork))
        {
            Type = (NetworkRouteType)header.Type,
            Protocol = header.Protocol,
            IsOnLink = (header.Flags & Rtnl.RTNH_F_ONLINK) != 0,
            Table = table,
        };
        foreach (var attribute in message.AttributesAfter<RtMsg>())
        {
            switch (attribute.Type)
            {
                case Rtnl.RTA_TABLE:
                    isInTable = attribute.As<int>() == table;
                    break;
                case Rtnl.RTA_DST:
                    destination = attribute.AsAddress();
                    break;
                case Rtnl.RTA_GATEWAY:
                    route = route with { Gateway = attribute.AsAddress() };
                    break;
                case Rtnl.RTA_OIF:
                    route = route with { InterfaceIndex = attribute.As<int>() };
                    break;
                case Rtnl.RTA_PREFSRC:
                    route = route with { PreferredSource = attribute.AsAddress() };
                    break;
                case Rtnl.RTA_PRIORITY:
                    route = route with { Metric = attribute.As<int>() };
                    break;
                default:
                    break;
            }
        }

        return isInTable ? route with { Destination = ReadNetwork(destination, header.DestinationLength) } : null;
    }

    private List<NetworkRoute> ListRoutes(byte family, int table)
    {
        // Not filtered by table in the kernel: that makes a table which nobody has used yet an error.
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Rtnl.RTM_GETROUTE);
        request.Add(new RtMsg { Family = family });
        return List(ref request, message => ReadRoute(message, family, table), $"the routes of table {table}");
    }
}
