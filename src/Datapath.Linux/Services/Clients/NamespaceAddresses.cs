using System.Net;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Services;

/// <summary>Which network namespaces hold an address: how a pod's is found without asking whoever made it.</summary>
internal static class NamespaceAddresses
{
    /// <summary>Reads the addresses of all network namespaces of the machine that can be found, but for the host's. Takes less than a millisecond each.</summary>
    /// <param name="host">The cookie of the host's.</param>
    public static ILookup<IPAddress, FoundNamespace> Read(ulong host)
    {
        var found = new List<(IPAddress Address, FoundNamespace Client)>();
        foreach (var info in NetworkNamespaceInfo.List())
        {
            using var network = info.TryOpen();
            if (network is null)
                continue; // gone meanwhile
            var (cookie, addresses) = network.Run(() => (network.Cookie, List()));
            if (cookie != host)
                found.AddRange(addresses.Select(address => (address, new FoundNamespace(cookie, info))));
        }

        return found.ToLookup(static item => item.Address, static item => item.Client);
    }

    /// <summary>Lists those of the calling thread's network namespace by which a pod may be found.</summary>
    public static IPAddress[] List()
    {
        using var netlink = new RouteNetlink();
        return [.. netlink.ListAddresses().Select(static item => item.Address).Where(static address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal)];
    }
}
