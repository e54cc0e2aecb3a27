using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>Rows of pods whose own dials are not redirected.</summary>
internal sealed record SkipTables(ImmutableArray<SkipRow> Rows, ImmutableArray<SkipMapRow> MapRows)
{
    public static SkipTables Of(
        IEnumerable<AcceptedRedirect> accepted, ImmutableArray<ListedFrontend> frontends, IReadOnlyDictionary<PodName, ulong> cookies)
    {
        var skipped = new SortedDictionary<PodName, SortedSet<L4Address>>();
        foreach (var pod in accepted.SelectMany(static policy => policy.SkippedPods).Concat(cookies.Keys))
            skipped[pod] = new(TableOrder.OfAddresses);
        foreach (var (_, frontend) in frontends)
        {
            foreach (var pod in frontend.Redirects.SelectMany(static redirect => redirect.SkippedPods))
                _ = skipped[pod].Add(frontend.Address);
        }

        return new(
            [.. skipped.Select(item => Row(item.Key, item.Value, cookies.TryGetValue(item.Key, out var cookie) ? cookie : null))],
            MapRowsOf(skipped, cookies));
    }

    private static SkipRow Row(PodName pod, SortedSet<L4Address> addresses, ulong? cookie) =>
        new(pod.ToString(), [.. addresses.Select(static address => address.ToString())], cookie, cookie is null ? "" : "Done");

    private static ImmutableArray<SkipMapRow> MapRowsOf(
        SortedDictionary<PodName, SortedSet<L4Address>> skipped, IReadOnlyDictionary<PodName, ulong> cookies) =>
    [
        .. skipped.Where(item => cookies.ContainsKey(item.Key))
            .SelectMany(item => item.Value.Select(address => (Cookie: cookies[item.Key], Address: address)))
            .GroupBy(static entry => (entry.Cookie, Place: new L4Address(entry.Address.Address, entry.Address.Port, L4Protocol.Tcp)))
            .OrderBy(static group => group.Key)
            .Select(static group => new SkipMapRow(
                group.Key.Cookie,
                group.Key.Place.Address.ToString(),
                group.Key.Place.Port,
                [.. group.Select(static entry => entry.Address.Protocol.ToString().ToUpperInvariant()).Distinct().Order(StringComparer.Ordinal)])),
    ];
}
