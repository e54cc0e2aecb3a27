using System.Net;

namespace Datapath.Policy;

/// <summary>Finds what a dial matches.</summary>
internal sealed class FrontendFinder(DesiredState state)
{
    /// <summary>The frontend that programs on the node reach at an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="isHost">Whether they are of the host's network.</param>
    public (DesiredService Service, Frontend Frontend)? Find(L4Address address, bool isHost)
    {
        (DesiredService, Frontend)? found = null;
        foreach (var service in state.Services.Values)
        {
            foreach (var frontend in service.Frontends)
            {
                if (!IsAt(frontend, address, isHost))
                    continue;
                if (frontend.Scope is FrontendScope.Internal)
                    return (service, frontend);
                if (found is null || frontend.Address == address)
                    found = (service, frontend);
            }
        }

        return found;
    }

    /// <summary>The most special range that contains an address.</summary>
    public FrontendRange? FindRange(L4Address address) => state.Services.Values.SelectMany(static service => service.Ranges)
        .Where(range => TargetKey.Of(range).Contains(address))
        .OrderByDescending(static range => range.Prefix.PrefixLength).ThenBy(static range => range.LastPort - range.FirstPort)
        .ThenBy(static range => range.FirstPort).FirstOrDefault();

    /// <summary>The service that keeps an IP address to itself.</summary>
    public ServiceName? FindGuard(L4Address address)
    {
        foreach (var service in state.Services.Values)
        {
            if (service.Frontends.Any(frontend => frontend.GuardsAddress && frontend.Address.IsSameIP(address)))
                return service.Name;
        }

        return null;
    }

    /// <summary>The port of the node that stands for one of loopback, to the programs of the host.</summary>
    public (DesiredService Service, Frontend Frontend)? FindOnLoopback(L4Address address) => IPAddress.IsLoopback(address.Address)
        ? Find(L4Address.Unspecified(address.IsIPv4, address.Port, address.Protocol), isHost: true)
        : null;

    /// <summary>Loopback of a pod is its own, and so is what the kernel takes for it, the unspecified address.</summary>
    private static bool IsAt(Frontend frontend, L4Address address, bool isHost)
    {
        if (frontend.Address == address)
            return isHost || !address.IsUnspecified;
        return frontend.OtherNodeAddresses.Contains(address) || (frontend.NodeAddresses.Contains(address) && !IPAddress.IsLoopback(address.Address));
    }
}
