namespace Datapath.Linux.Services;

/// <summary>
/// What programs on this node dial, of a service as policies want it: one entry for each address, with the backends that a dial goes to.
/// </summary>
internal static class SocketView
{
    /// <summary>The frontends as the socket hooks serve them. What they cannot serve is added to <paramref name="failures"/>.</summary>
    public static IReadOnlyList<Frontend> Of(DesiredService service, ICollection<ApplyFailure> failures)
    {
        foreach (var range in service.Ranges)
            failures.Add(new(service.Name, First(range), $"range {range}: the socket hooks take over single addresses and ports", IsTransient: false));
        if (service.Frontends.All(IsPlain))
            return service.Frontends;
        var served = new List<Frontend>(service.Frontends.Length);
        foreach (var frontend in service.Frontends)
        {
            if (IsForOthers(frontend, service))
                continue;
            if (ReasonAgainst(frontend) is { } reason)
                failures.Add(new(service.Name, frontend.Address, reason, IsTransient: false));
            else
                AddAll(served, Resolved(frontend));
        }

        return served;
    }

    /// <summary>Whether the frontend is served just as it is: nearly all are.</summary>
    private static bool IsPlain(Frontend frontend) =>
        !frontend.Address.IsUnspecified && frontend.NodeAddresses.IsEmpty && frontend.Redirects.IsEmpty
        && (frontend.Flags & FrontendFlags.TwoScopes) == 0;

    /// <summary>Programs on the node are inside the cluster: of two scopes theirs is the internal one.</summary>
    private static bool IsForOthers(Frontend frontend, DesiredService service) =>
        frontend.Scope is FrontendScope.External && (frontend.Flags & FrontendFlags.TwoScopes) != 0
        && service.Frontends.Any(other => other.Address == frontend.Address && other.Scope is FrontendScope.Internal);

    private static string? ReasonAgainst(Frontend frontend)
    {
        if (frontend.Redirects.IsEmpty)
            return null;
        var redirect = frontend.Redirects[0];
        if (!redirect.Clients.IsEverybody)
            return $"redirect {redirect.Policy} is for some clients only, which the socket hooks do not tell apart";
        return redirect.SkippedPods.IsEmpty ? null : $"redirect {redirect.Policy} leaves its backends alone, which the socket hooks do not tell apart";
    }

    private static Frontend Resolved(Frontend frontend) => frontend.Redirects is [var redirect, ..]
        ? frontend with { Backends = redirect.Backends, UsableCount = redirect.Backends.Length, Redirects = [] }
        : frontend;

    private static void AddAll(List<Frontend> served, Frontend frontend)
    {
        // The unspecified address cannot be dialled: a program that tries reaches the loopback address.
        if (!frontend.Address.IsUnspecified)
            served.Add(frontend);
        foreach (var address in frontend.NodeAddresses)
            served.Add(frontend with { Address = address, NodeAddresses = [] });
    }

    private static L4Address First(FrontendRange range) => new(range.Prefix.BaseAddress, range.FirstPort, range.Protocol);
}
