namespace Datapath.Linux.Services;

/// <summary>Holds what the kernel has against what it should have, entry by entry.</summary>
internal static class KernelComparison
{
    /// <summary>Compares frontends.</summary>
    public static IEnumerable<KernelDifference> OfFrontends(IEnumerable<ExpectedFrontend> expected, IEnumerable<ProgrammedFrontend> actual) =>
        Compare(expected.ToDictionary(static f => f.Address), actual.ToDictionary(static f => f.Address));

    /// <summary>Compares ranges: each is like a frontend in what dials to it see.</summary>
    public static IEnumerable<KernelDifference> OfRanges(IEnumerable<ExpectedRange> expected, IEnumerable<ProgrammedRange> actual)
    {
        // Of ports that somebody put there twice the programs find the first.
        var held = actual.DistinctBy(static range => new RangePlace(range));
        return Compare(expected.ToDictionary(static range => new RangePlace(range), Wanted), held.ToDictionary(static range => new RangePlace(range), Held));

        static ExpectedFrontend Wanted(ExpectedRange range) => new(new RangePlace(range).First, FrontendType.LocalRedirect, range.Backends)
        {
            Passes = range.Passes,
            FurtherSets = range.FurtherSets,
        };

        static ProgrammedFrontend Held(ProgrammedRange range) => new(range.Id, new RangePlace(range).First, FrontendType.LocalRedirect, range.Backends)
        {
            Slots = range.Slots,
            Passes = range.Passes,
            FurtherSets = range.FurtherSets,
        };
    }

    /// <summary>Compares the programs that are attached, each with the id of its cgroup; 0 if it is detached.</summary>
    public static IEnumerable<KernelDifference> OfPrograms(DatapathExpectation expected, IReadOnlyDictionary<string, ulong> actual)
    {
        foreach (var name in expected.Programs.Union(actual.Keys).Order(StringComparer.Ordinal))
        {
            var subject = $"program {name}";
            if (!actual.TryGetValue(name, out var cgroup))
                yield return new(KernelDifferenceKind.Missing, subject, "");
            else if (!expected.Programs.Contains(name))
                yield return new(KernelDifferenceKind.Surplus, subject, "");
            else if (cgroup == 0)
                yield return new(KernelDifferenceKind.Different, subject, "it was detached, or its cgroup was removed");
            else if (cgroup != expected.CgroupId)
                yield return new(KernelDifferenceKind.Different, subject, $"it is attached to cgroup {cgroup}, not to {expected.CgroupId}");
        }
    }

    private static IEnumerable<KernelDifference> Compare<TPlace>(Dictionary<TPlace, ExpectedFrontend> wanted, Dictionary<TPlace, ProgrammedFrontend> held)
        where TPlace : struct, IComparable<TPlace>
    {
        foreach (var place in wanted.Keys.Union(held.Keys).Order())
        {
            if (!held.TryGetValue(place, out var programmed))
                yield return new(KernelDifferenceKind.Missing, $"{place}", "");
            else if (!wanted.TryGetValue(place, out var frontend))
                yield return new(KernelDifferenceKind.Surplus, $"{place}", "");
            else if (string.Join("; ", Details(frontend, programmed)) is { Length: > 0 } details)
                yield return new(KernelDifferenceKind.Different, $"{place}", details);
        }
    }

    private static IEnumerable<string> Details(ExpectedFrontend expected, ProgrammedFrontend actual)
    {
        if (actual.Type != expected.Type)
            yield return $"type is {actual.Type}, not {expected.Type}";
        if (actual.AffinitySeconds != expected.AffinitySeconds)
            yield return $"affinity is {actual.AffinitySeconds} s, not {expected.AffinitySeconds} s";
        if (actual.IsHostOnly != expected.IsHostOnly)
            yield return actual.IsHostOnly ? "it is for the host only" : "it is not for the host only";
        if (actual.Passes != expected.Passes)
            yield return actual.Passes ? "dials go to the address itself" : "dials do not go to the address itself";
        var (sets, heldSets) = (expected.FurtherSets.Select(Text).ToHashSet(), actual.FurtherSets.Select(Text).ToHashSet());
        foreach (var set in sets.Except(heldSets).Order(StringComparer.Ordinal))
            yield return $"a set is missing: {set}";
        foreach (var set in heldSets.Except(sets).Order(StringComparer.Ordinal))
            yield return $"a set is surplus: {set}";
        var wanted = expected.Backends.ToDictionary(static b => b.Address);
        var held = actual.Backends.ToDictionary(static b => b.Address);
        var (missing, surplus) = (wanted.Keys.Except(held.Keys).Order().ToList(), held.Keys.Except(wanted.Keys).Order().ToList());
        if (missing.Count > 0)
            yield return $"backends are missing: {string.Join(", ", missing)}";
        if (surplus.Count > 0)
            yield return $"backends are surplus: {string.Join(", ", surplus)}";
        if (missing.Count + surplus.Count == 0)
        {
            foreach (var difference in SharesOf([.. wanted.Values.OrderBy(static b => b.Address)], actual))
                yield return difference;
        }
    }

    private static string Text(ExpectedSet set) => Text(set.Clients, set.Passes, set.Backends);

    private static string Text(ProgrammedSet set) => Text(set.Clients, set.Passes, set.Backends.Select(static b => b.Address).Order());

    private static string Text(IEnumerable<string> clients, bool passes, IEnumerable<L4Address> backends) =>
        $"for {string.Join(", ", clients)}: {(passes ? "the address itself" : $"[{string.Join(", ", backends)}]")}";

    // The engine's own rule says what each backend should have, given who has more by chance.
    private static IEnumerable<string> SharesOf(Backend[] expected, ProgrammedFrontend actual)
    {
        int[] held = [.. actual.Backends.OrderBy(static b => b.Address).Select(b => (int)Math.Round(b.Share * actual.Slots))];
        if (expected.Length == 0)
            yield break;
        var quotas = SlotDealer.Quotas(held, BackendList.Of([.. expected]).Shares, actual.Slots);
        for (var i = 0; i < expected.Length; i++)
        {
            if (held[i] != quotas[i])
                yield return $"backend {expected[i].Address} has {held[i]} of {actual.Slots} slots, not {quotas[i]}";
        }
    }
}
