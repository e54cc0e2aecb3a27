namespace Datapath.Policy;

/// <summary>Finds the frontend that a dial matches, and what is near it.</summary>
internal sealed class FrontendFinder(CompilerInputs inputs, DesiredState state)
{
    /// <summary>The frontend that programs on the node reach at an address.</summary>
    public (DesiredService Service, Frontend Frontend)? Find(L4Address address)
    {
        (DesiredService, Frontend)? found = null;
        foreach (var service in state.Services.Values)
        {
            foreach (var frontend in service.Frontends)
            {
                if (!IsAt(frontend, address))
                    continue;
                found = (service, frontend);
                if (frontend.Scope is FrontendScope.Internal)
                    return found;
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
            if (service.Frontends.Any(frontend => frontend.GuardsAddress && IsSameIP(frontend.Address, address)))
                return service.Name;
        }

        return null;
    }

    /// <summary>Says what was found, and which other frontends at the address give way.</summary>
    public void SayOthers((DesiredService Service, Frontend Frontend) found, ExplanationBuilder steps)
    {
        var (service, frontend) = found;
        var port = frontend.PortName.Length > 0 ? $", port {frontend.PortName}" : "";
        var at = frontend.Address.IsUnspecified ? $", served at every address of the node" : "";
        steps.Say(ExplanationTopic.Frontend, applies: true, frontend.Address.ToString(), $"{frontend.Type} of {Describe(service.Name)}{port}{at}");
        var others = service.Frontends.Where(other => other.Address == frontend.Address && other.Scope != frontend.Scope);
        foreach (var _ in others)
            steps.Say(ExplanationTopic.Scope, applies: true, frontend.Scope.ToString(), "programs on the node are inside the cluster: internalTrafficPolicy counts, not externalTrafficPolicy");
        SayConflicts(steps.Destination, steps);
    }

    /// <summary>Says what has a part of the address, or would have it.</summary>
    public void SayNearMisses(L4Address address, ExplanationBuilder steps)
    {
        foreach (var service in state.Services.Values.OrderBy(static service => service.Name))
        {
            foreach (var frontend in service.Frontends)
            {
                if (IsSameIP(frontend.Address, address))
                    steps.Say(ExplanationTopic.Frontend, applies: false, Describe(service.Name), $"has the address, but at {frontend.Address}");
                else if (frontend.Address.IsUnspecified && IsSamePort(frontend.Address, address))
                    steps.Say(ExplanationTopic.Frontend, applies: false, Describe(service.Name), $"has the port, as {frontend.Type}, but not at this address: the node does not offer node ports there");
            }
        }

        SayConflicts(address, steps);
        SayTargets(address, steps);
    }

    private static bool IsAt(Frontend frontend, L4Address address) => frontend.Address == address || frontend.NodeAddresses.Contains(address);

    private static bool IsSameIP(L4Address left, L4Address right) => left.WithPort(0, right.Protocol) == right.WithPort(0, right.Protocol);

    private static bool IsSamePort(L4Address left, L4Address right) =>
        left.Port == right.Port && left.Protocol == right.Protocol && left.IsIPv4 == right.IsIPv4;

    private static string Describe(ServiceName name) => name.Name.EndsWith(":local-redirect", StringComparison.Ordinal)
        ? $"policy {RedirectExplainer.NameOf(name)}"
        : $"service {name}";

    private void SayConflicts(L4Address address, ExplanationBuilder steps)
    {
        var waiting = inputs.Services.Values.Where(entry => entry.HeldBy is not null && entry.Claimed.Contains(address));
        foreach (var entry in waiting.OrderBy(static entry => entry.Priority))
            steps.Say(ExplanationTopic.Frontend, applies: false, entry.Description, $"claims it too, but {entry.HeldBy!.Description} was first to claim {entry.HeldAddress}");
    }

    /// <summary>Policies that would take the address over if they had a backend.</summary>
    private void SayTargets(L4Address address, ExplanationBuilder steps)
    {
        var nowhere = new Frontend { Address = address, Type = FrontendType.LocalRedirect };
        new RedirectExplainer(inputs).SayOthers(new("", ""), nowhere, steps);
    }
}
