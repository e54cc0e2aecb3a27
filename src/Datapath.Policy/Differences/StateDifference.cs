using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Compares two desired states: what would change in the kernel.</summary>
public static class StateDifference
{
    /// <summary>The frontends and ranges that differ, by service and address.</summary>
    /// <param name="before">The state before.</param>
    /// <param name="after">The state after.</param>
    public static ImmutableArray<FrontendDifference> Between(DesiredState before, DesiredState after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var old = Rows(before);
        var rows = Rows(after);
        var differences = ImmutableArray.CreateBuilder<FrontendDifference>();
        foreach (var (key, row) in rows)
        {
            if (!old.TryGetValue(key, out var was))
                differences.Add(new(DifferenceKind.Added, row.Service, key, row.Facts.Select(static fact => fact.ToString()).ToImmutableArray()));
            else if (Details(was, row) is { Length: > 0 } details)
                differences.Add(new(DifferenceKind.Changed, row.Service, key, details));
        }

        foreach (var (key, row) in old)
        {
            if (!rows.ContainsKey(key))
                differences.Add(new(DifferenceKind.Removed, row.Service, key, []));
        }

        differences.Sort(static (left, right) => left.Service != right.Service
            ? left.Service.CompareTo(right.Service)
            : string.CompareOrdinal(left.Frontend, right.Frontend));
        return differences.DrainToImmutable();
    }

    /// <summary>The pods whose dials are left alone in one state and not in the other, or that are told from others by something else.</summary>
    /// <param name="before">The state before.</param>
    /// <param name="after">The state after.</param>
    public static ImmutableArray<PodDifference> BetweenPods(DesiredState before, DesiredState after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var differences = ImmutableArray.CreateBuilder<PodDifference>();
        foreach (var name in before.Pods.Keys.Union(after.Pods.Keys).Order())
        {
            var (old, now) = (Exempt(before, name), Exempt(after, name));
            if (old is null && now is not null)
                differences.Add(new(DifferenceKind.Added, name, []));
            else if (old is not null && now is null)
                differences.Add(new(DifferenceKind.Removed, name, []));
            else if (old is not null && !old.Equals(now))
                differences.Add(new(DifferenceKind.Changed, name, [.. Details(old, now!)]));
        }

        return differences.DrainToImmutable();

        static LocalPod? Exempt(DesiredState state, PodName name) => state.Pods.GetValueOrDefault(name) is { IsExempt: true } pod ? pod : null;
    }

    private static IEnumerable<string> Details(LocalPod before, LocalPod after)
    {
        if (before.Uid != after.Uid)
            yield return $"UID: {before.Uid} -> {after.Uid}";
        if (before.IsHostNetwork != after.IsHostNetwork)
            yield return $"network: {Network(before)} -> {Network(after)}";
        foreach (var address in before.Addresses.Except(after.Addresses))
            yield return $"- address {address}";
        foreach (var address in after.Addresses.Except(before.Addresses))
            yield return $"+ address {address}";

        static string Network(LocalPod pod) => pod.IsHostNetwork ? "the node's" : "its own";
    }

    private static Dictionary<string, Row> Rows(DesiredState state)
    {
        var rows = new Dictionary<string, Row>();
        foreach (var service in state.Services.Values)
        {
            foreach (var frontend in service.Frontends)
                rows[frontend.Scope is FrontendScope.Internal ? $"{frontend.Address}/i" : $"{frontend.Address}"] = new(service.Name, FrontendFacts.Of(frontend));
            foreach (var range in service.Ranges)
                rows[range.ToString()] = new(service.Name, FrontendFacts.Of(range));
        }

        return rows;
    }

    private static ImmutableArray<string> Details(Row before, Row after)
    {
        var details = ImmutableArray.CreateBuilder<string>();
        if (before.Service != after.Service)
            details.Add($"passes from {before.Service} to {after.Service}");
        foreach (var fact in before.Facts.Except(after.Facts))
        {
            if (!after.Facts.Any(other => other.Subject == fact.Subject))
                details.Add($"- {fact}");
        }

        foreach (var fact in after.Facts.Except(before.Facts))
        {
            var was = before.Facts.FirstOrDefault(other => other.Subject == fact.Subject);
            details.Add(was == default ? $"+ {fact}" : $"{fact.Subject}: {was.Value} -> {fact.Value}");
        }

        return details.DrainToImmutable();
    }

    private sealed record Row(ServiceName Service, IReadOnlyList<FrontendFact> Facts);
}
