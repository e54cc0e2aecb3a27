namespace Datapath.Policy;

/// <summary>Puts into words what became of a redirect policy.</summary>
internal static class RedirectStatusWriter
{
    public static ObjectStatus? Of(RedirectEntry entry, CompilerInputs inputs)
    {
        if (entry.Policy is null)
            return null;
        if (entry.Rejection is not null)
            return new(entry.Key, ObjectCondition.Rejected, 0, entry.Rejection);
        if (entry.Plan is null)
            return new(entry.Key, ObjectCondition.Skipped, 0, "local redirect is switched off on this node");
        var tally = new Tally();
        foreach (var name in entry.Plan.Services)
            CountService(entry, inputs.Services[name], ref tally);
        foreach (var target in entry.Targets)
            CountTarget(entry, target, ref tally);
        return Of(entry, tally);
    }

    private static ObjectStatus Of(RedirectEntry entry, Tally tally)
    {
        var note = tally.Obstacle is null ? "" : $"; {tally.Obstacle}";
        if (tally.Redirected > 0)
            return new(entry.Key, ObjectCondition.Active, tally.Redirected, $"redirects {Frontends(tally.Redirected)} to {Pods(entry)}{note}");
        if (tally.Obstacle is not null)
            return new(entry.Key, ObjectCondition.Conflict, 0, tally.Obstacle);
        return new(entry.Key, ObjectCondition.NoBackends, tally.Dropped, WhyNot(entry, tally));
    }

    private static string WhyNot(RedirectEntry entry, Tally tally)
    {
        var reason = entry.Selection.ReadyPods == 0
            ? $"no ready pod on this node matches {Selector(entry.Plan!)} in namespace {entry.Plan!.PodNamespace}"
            : tally.Wanted == 0 && tally.Dropped == 0
                ? MissingFrontends(entry.Plan!)
                : $"none of {Pods(entry)} has a port that fits";
        return tally.Dropped > 0
            ? $"{reason}: dials to {Frontends(tally.Dropped)} are refused"
            : $"{reason}: dials go where they would without the policy";
    }

    private static string MissingFrontends(RedirectPlan plan) => plan.Services.IsEmpty
        ? "the node has no addresses of this family"
        : $"service {string.Join(", ", plan.Services)} has no cluster address with such a port";

    private static string Selector(RedirectPlan plan) => plan.Selector.IsEmpty ? "the empty selector" : $"'{plan.Selector}'";

    private static string Pods(RedirectEntry entry) => entry.Selection.ReadyPods == 1 ? "1 pod" : $"{entry.Selection.ReadyPods} pods";

    private static string Frontends(int count) => count == 1 ? "1 frontend" : $"{count} frontends";

    private static void CountService(RedirectEntry entry, ServiceEntry service, ref Tally tally)
    {
        if (service.Compiled is null)
            return;
        foreach (var frontend in service.Compiled.Frontends)
        {
            if (frontend.Type is not FrontendType.ClusterIP)
                continue;
            var backends = entry.Plan!.Select(entry.Selection, service.Name, frontend.Address, frontend.PortName);
            if (!backends.IsDefault)
                Count(entry, frontend.Address.ToString(), backends.IsEmpty, frontend.Redirects.AsSpan(), ref tally);
        }
    }

    private static void CountTarget(RedirectEntry entry, RedirectTarget target, ref Tally tally)
    {
        var plan = target.Claims.Find(claim => ReferenceEquals(claim.Policy, entry)).Plan;
        var isEmpty = entry.Plan!.Select(entry.Selection, plan).IsEmpty;
        if (target.BlockedBy is { } holder)
        {
            tally.Wanted++;
            if (!isEmpty || entry.Plan.Drops)
                tally.Obstacle ??= $"{target.Key.First} belongs to {holder.Description}{WayOut(entry, holder, target.Key.First)}";
            return;
        }

        Count(
            entry, target.Key.IsExact ? target.Key.First.ToString() : target.Range?.ToString() ?? target.Key.First.ToString(), isEmpty,
            target.Redirects.AsSpan(), ref tally);
    }

    /// <summary>What to write instead, where a policy can have it: the cluster addresses of services are redirected by naming the service.</summary>
    private static string WayOut(RedirectEntry entry, Claimant holder, L4Address address)
    {
        if (holder is not ServiceEntry { Plan: { } plan } service
            || !Array.Exists(plan.Frontends, frontend => frontend.Address == address && frontend.Type is FrontendType.ClusterIP))
            return "";
        if (entry.Policy is ClusterLocalRedirectPolicy)
            return ": name the service instead (spec.frontends[].service)";
        return service.Name.Namespace == entry.Key.Namespace
            ? ": match the service instead (spec.redirectFrontend.serviceMatcher)"
            : $": only a policy in namespace {service.Name.Namespace}, or a clusterwide one, can redirect it";
    }

    /// <summary>Finds the policy among the redirects of a frontend or, if it should be there and is not, the one that stands before it.</summary>
    private static void Count(RedirectEntry entry, string what, bool isEmpty, ReadOnlySpan<Redirect> redirects, ref Tally tally)
    {
        tally.Wanted++;
        foreach (var redirect in redirects)
        {
            if (redirect.Policy != entry.Name)
                continue;
            if (redirect.Backends.IsEmpty)
                tally.Dropped++;
            else
                tally.Redirected++;
            return;
        }

        if (redirects is [.., var last] && (!isEmpty || entry.Plan!.Drops))
            tally.Obstacle ??= $"{what} is redirected by policy {Wording.PolicyOf(last.Policy)}, which comes first";
    }

    /// <summary>How many frontends the policy means, redirects, and refuses; and what stands in the way of others.</summary>
    private struct Tally
    {
        public int Wanted;
        public int Redirected;
        public int Dropped;
        public string? Obstacle;
    }
}
