namespace Datapath.Policy;

/// <summary>Finds what a dial matches.</summary>
internal sealed class FrontendFinder(DesiredState state)
{
    /// <summary>The frontend that programs on the node reach at an address.</summary>
    public (DesiredService Service, Frontend Frontend)? Find(L4Address address)
    {
        (DesiredService, Frontend)? found = null;
        foreach (var service in state.Services.Values)
        {
            foreach (var frontend in service.Frontends)
            {
                if (frontend.Address != address && !frontend.NodeAddresses.Contains(address) && !frontend.OtherNodeAddresses.Contains(address))
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
        .Where(range => range.Protocol == address.Protocol && address.Port >= range.FirstPort && address.Port <= range.LastPort
            && range.Prefix.Contains(address.Address))
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
}
