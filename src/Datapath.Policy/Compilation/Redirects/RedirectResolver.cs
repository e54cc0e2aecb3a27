using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Puts the policies for a destination into their order, and leaves those out that change nothing.</summary>
internal static class RedirectResolver
{
    /// <summary>The redirects of a frontend of a service.</summary>
    public static ImmutableArray<Redirect> Resolve(ServiceEntry service, FrontendPlan frontend)
    {
        // Node ports, load balancers and the like are for clients outside, whom a policy of the node does not know.
        if (service.Redirects is null || frontend.Type is not FrontendType.ClusterIP)
            return [];
        var redirects = ImmutableArray.CreateBuilder<Redirect>();
        foreach (var policy in service.Redirects)
        {
            var backends = policy.Plan!.Select(policy.Selection, service.Name, frontend.Address, frontend.PortName);
            if (!backends.IsDefault && !TryAdd(redirects, policy, backends))
                break;
        }

        return redirects.DrainToImmutable();
    }

    /// <summary>The redirects of an address or a range.</summary>
    public static ImmutableArray<Redirect> Resolve(IEnumerable<(RedirectEntry Policy, TargetPlan Plan)> claims)
    {
        var redirects = ImmutableArray.CreateBuilder<Redirect>();
        foreach (var (policy, plan) in claims)
        {
            if (!TryAdd(redirects, policy, policy.Plan!.Select(policy.Selection, plan)))
                break;
        }

        return redirects.DrainToImmutable();
    }

    /// <summary>Adds what a policy does. Without a backend it does nothing, unless it says that dials are refused then.</summary>
    /// <returns>Whether policies after it matter.</returns>
    private static bool TryAdd(ImmutableArray<Redirect>.Builder redirects, RedirectEntry policy, ImmutableArray<Backend> backends)
    {
        if (backends.IsEmpty && !policy.Plan!.Drops)
            return true;
        redirects.Add(new(policy.Name, backends)
        {
            Clients = policy.Selection.Clients,
            SkippedPods = policy.Selection.SkippedPods,
            RefusesWithoutBackends = policy.Plan!.Drops,
        });
        return !policy.Selection.Clients.IsEverybody;
    }
}
