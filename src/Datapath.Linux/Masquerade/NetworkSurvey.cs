using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>What a network namespace has, as far as devices are found by it.</summary>
/// <param name="Links">Its devices.</param>
/// <param name="Addresses">Their addresses.</param>
/// <param name="Routes">The routes; none if they were not asked for.</param>
internal sealed record NetworkSurvey(IReadOnlyList<NetworkLink> Links, IReadOnlyList<NetworkAddress> Addresses, IReadOnlyList<NetworkRoute> Routes)
{
    /// <summary>Looks around in the network namespace of the calling thread.</summary>
    /// <param name="asksRoutes">Whether routes matter.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static NetworkSurvey Take(bool asksRoutes)
    {
        using var route = new RouteNetlink();
        return new(route.ListLinks(), route.ListAddresses(), asksRoutes ? route.ListRoutes() : []);
    }
}
