using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>
/// What programs on this node dial, of a service as policies want it: one entry for each address, with the backends that a dial goes to.
/// </summary>
internal static class SocketView
{
    /// <summary>The frontends as the socket hooks serve them. What they cannot serve is added to <paramref name="failures"/>.</summary>
    public static IReadOnlyList<SocketFrontend> Of(DesiredService service, IPodDirectory pods, ICollection<ApplyFailure> failures)
    {
        var served = new List<SocketFrontend>(service.Frontends.Length);
        foreach (var frontend in service.Frontends)
        {
            if (IsForOthers(frontend, service) || IsElsewhere(frontend))
                continue;
            if (frontend.UsableCount < 0 || frontend.UsableCount > frontend.Backends.Length)
            {
                failures.Add(new(service.Name, frontend.Address, $"UsableCount is {frontend.UsableCount} with {frontend.Backends.Length} backends", IsTransient: false));
                continue;
            }

            if (frontend.Redirects.IsEmpty)
            {
                NodePortAddresses.Add(served, frontend, new(frontend.Address, frontend.Type, UsableOf(frontend)) { AffinitySeconds = frontend.AffinitySeconds, StaleTcp = frontend.StaleTcp });
                continue;
            }

            var redirected = ClientSets.Resolve(frontend, pods, isRange: false, out var missing);
            foreach (var (policy, reason) in missing)
                failures.Add(new(service.Name, frontend.Address, reason, IsTransient: true) { Policy = policy });
            if (!redirected.Passes || !redirected.FurtherSets.IsEmpty)
                NodePortAddresses.Add(served, frontend, redirected);
        }

        return served;
    }

    /// <summary>Programs on the node are inside the cluster: of two scopes theirs is the internal one.</summary>
    private static bool IsForOthers(Frontend frontend, DesiredService service) =>
        frontend.Scope is FrontendScope.External && (frontend.Flags & FrontendFlags.TwoScopes) != 0
        && service.Frontends.Any(other => other.Address == frontend.Address && other.Scope is FrontendScope.Internal);

    /// <summary>Anybody may write any external IP into a service: a dial to one that is not the node's own goes there.</summary>
    private static bool IsElsewhere(Frontend frontend) => frontend is { Type: FrontendType.ExternalIPs, IsAtNode: false };

    private static ImmutableArray<Backend> UsableOf(Frontend frontend) =>
        frontend.UsableCount == frontend.Backends.Length ? frontend.Backends : [.. frontend.Usable];
}
