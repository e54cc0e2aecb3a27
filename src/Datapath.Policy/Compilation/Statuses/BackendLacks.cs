namespace Datapath.Policy;

/// <summary>
/// Says what a policy lacks to have a backend. Looks at nothing but its plan and its selection, which does not tell one pod from another:
/// whatever else it told would change without a new status.
/// </summary>
internal static class BackendLacks
{
    /// <summary>What it lacks for a frontend for which it has no backend.</summary>
    public static BackendLack Of(RedirectEntry entry, L4Address frontend)
    {
        if (entry.Selection.ReadyPods == 0)
            return BackendLack.Pods;
        var hasFamily = OverrideOf(entry) is { } address
            ? address.IsIPv4 == frontend.IsIPv4
            : entry.Selection.Addresses.Any(candidate => candidate.IsIPv4 == frontend.IsIPv4);
        return hasFamily ? BackendLack.Ports : frontend.IsIPv4 ? BackendLack.IPv4 : BackendLack.IPv6;
    }

    public static string Describe(BackendLack lack, RedirectEntry entry)
    {
        var plan = entry.Plan!;
        if (lack is BackendLack.Pods)
            return $"no ready pod on this node matches {(plan.Selector.IsEmpty ? "the empty selector" : $"'{plan.Selector}'")} in namespace {plan.PodNamespace}";
        var what = new List<string>();
        if (lack.HasFlag(BackendLack.IPv4))
            what.Add(Family(entry, "IPv4"));
        if (lack.HasFlag(BackendLack.IPv6))
            what.Add(Family(entry, "IPv6"));
        if (lack.HasFlag(BackendLack.Ports))
            what.Add($"none of {Pods(entry)} has a port that fits");
        return string.Join(", and ", what);
    }

    public static string Pods(RedirectEntry entry) => Wording.Count(entry.Selection.ReadyPods, "pod");

    private static string Family(RedirectEntry entry, string family) => OverrideOf(entry) is not null
        ? $"its backendAddress is not of {family}"
        : $"none of {Pods(entry)} has an address of {family}";

    private static IPValue? OverrideOf(RedirectEntry entry) =>
        entry.Policy is ClusterLocalRedirectPolicy { Backend.BackendAddress: { } text } && IPValue.TryParse(text, out var address) ? address : null;
}
