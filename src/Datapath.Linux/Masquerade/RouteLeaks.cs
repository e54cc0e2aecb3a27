using System.Collections.Immutable;
using System.Net;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>Finds routes by which packets leave with the address of a pod though rules say that they are translated: by devices without programs.</summary>
internal static class RouteLeaks
{
    private const int MostNamed = 3;

    /// <summary>Finds them.</summary>
    /// <param name="state">The rules.</param>
    /// <param name="routes">The routes of the machine.</param>
    /// <param name="links">Its devices.</param>
    /// <param name="covered">The numbers of those that have programs.</param>
    /// <returns>A line for each device, in the order of their names.</returns>
    public static IEnumerable<string> Find(
        MasqueradeState state, IReadOnlyCollection<NetworkRoute> routes, IReadOnlyList<NetworkLink> links, IReadOnlySet<int> covered)
    {
        var sources = SourcesOf(state);
        var destinations = TranslatedDestinationsOf(state);
        foreach (var link in links.Where(link => link is { IsUp: true, IsLoopback: false } && !covered.Contains(link.Index)).OrderBy(static link => link.Name, StringComparer.Ordinal))
        {
            var leaks = routes
                .Where(route => route.Type is NetworkRouteType.Unicast && DeviceSearch.DevicesOf(route).Contains(link.Index))
                .Select(static route => route.Destination)
                .Where(destination => !destination.BaseAddress.IsIPv6LinkLocal && !sources.Any(source => Contains(source, destination)) && IsTranslated(state, destinations, destination))
                .ToArray();
            if (leaks.Length == 0)
                continue;
            var others = leaks.Length > MostNamed ? $" and {leaks.Length - MostNamed} others" : "";
            yield return $"device '{link.Name}' is not covered, but routes lead by it to {string.Join(", ", leaks.Take(MostNamed))}{others}: packets that the rules translate leave there as they are";
        }
    }

    private static IPNetwork[] SourcesOf(MasqueradeState state) =>
    [
        .. state.Sources.Prefixes
            .Where(prefix => Enumerable.Range(0, state.Destinations.Classes.Length).Any(destination => IsTranslation(state, prefix.Class, destination)))
            .Select(static prefix => prefix.Prefix),
    ];

    private static ImmutableArray<bool> TranslatedDestinationsOf(MasqueradeState state) =>
    [
        .. Enumerable.Range(0, state.Destinations.Classes.Length)
            .Select(destination => Enumerable.Range(0, state.Sources.Classes.Length).Any(source => IsTranslation(state, source, destination))),
    ];

    private static bool IsTranslation(MasqueradeState state, int source, int destination) =>
        state.VerdictOf(source, destination).Action is MasqueradeAction.Translate;

    // What the route leads to is of the class of the longest prefix around it, and of those of prefixes inside.
    private static bool IsTranslated(MasqueradeState state, ImmutableArray<bool> isTranslated, IPNetwork destination)
    {
        var around = state.Destinations.Prefixes.Where(prefix => Contains(prefix.Prefix, destination)).OrderByDescending(static prefix => prefix.Prefix.PrefixLength).ToArray();
        return isTranslated[around.Length == 0 ? 0 : around[0].Class]
            || state.Destinations.Prefixes.Any(prefix => isTranslated[prefix.Class] && Contains(destination, prefix.Prefix));
    }

    private static bool Contains(IPNetwork outer, IPNetwork inner) =>
        outer.BaseAddress.AddressFamily == inner.BaseAddress.AddressFamily && outer.PrefixLength <= inner.PrefixLength && outer.Contains(inner.BaseAddress);
}
