using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>Finds the devices whose packets are translated, and the addresses that packets get there.</summary>
internal static class DeviceSearch
{
    private static readonly IPNetwork s_linkLocal = IPNetwork.Parse("169.254.0.0/16");

    private static readonly IPNetwork[] s_private = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10")];

    /// <summary>The devices that patterns mean; without patterns those of default routes, and those that have an address of the node.</summary>
    public static IEnumerable<(NetworkLink Link, MasqueradeDevice Device)> Find(ImmutableArray<string> patterns, ImmutableArray<IPAddress> nodeAddresses, NetworkSurvey survey)
    {
        var (links, addresses, routes) = survey;
        Func<NetworkLink, bool> isMeant;
        if (patterns.IsDefaultOrEmpty)
        {
            var found = addresses.Where(address => nodeAddresses.Contains(address.Address)).Select(static address => address.InterfaceIndex)
                .Concat(routes.Where(IsDefault).SelectMany(DevicesOf))
                .ToHashSet();
            isMeant = link => found.Contains(link.Index) && !link.IsLoopback;
        }
        else
        {
            isMeant = link => patterns.Any(pattern => new MasqueradeInterface(pattern, 0).Matches(link.Name));
        }

        foreach (var link in links.Where(isMeant))
        {
            var own = addresses.Where(address => address.InterfaceIndex == link.Index).ToArray();
            yield return (link, new(link.Name, link.Index, Primary(own, AddressFamily.InterNetwork), Primary(own, AddressFamily.InterNetworkV6)));
        }
    }

    /// <summary>Whether a route is one by which a device may be found.</summary>
    public static bool IsDefault(NetworkRoute route) =>
        route is { Destination.PrefixLength: 0, Type: NetworkRouteType.Unicast, Table: NetworkRoute.MainTable };

    /// <summary>The devices by which a route leads.</summary>
    public static IEnumerable<int> DevicesOf(NetworkRoute route) =>
        route.NextHops.Select(static hop => hop.InterfaceIndex).Append(route.InterfaceIndex).Where(static index => index != 0).Distinct();

    /// <summary>Preferred addresses come before deprecated ones, then public before private ones, and those that are good on the link alone are none.</summary>
    private static IPAddress? Primary(IEnumerable<NetworkAddress> addresses, AddressFamily family) => addresses
        .Where(address => address.Address.AddressFamily == family && !address.IsTentative && !IsLinkLocal(address.Address))
        .OrderBy(static address => address.IsDeprecated)
        .ThenBy(static address => IsPrivate(address.Address))
        .FirstOrDefault()?.Address;

    private static bool IsLinkLocal(IPAddress address) => address.IsIPv6LinkLocal || IPAddress.IsLoopback(address) || s_linkLocal.Contains(address);

    private static bool IsPrivate(IPAddress address) => address.IsIPv6UniqueLocal || s_private.Any(network => network.Contains(address));
}
