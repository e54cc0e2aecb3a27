using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>Rows of frontends as the datapath's map holds them.</summary>
internal static class MapFrontends
{
    public static IReadOnlyDictionary<string, MapFrontendRow> Rows(ImmutableArray<ListedFrontend> frontends, int maglevTableSize) =>
        KeyedRows.Of(Places(frontends).Select(place =>
            (ListedFrontend.Key(place.Address, place.Item.Frontend.Scope), Row(place.Item, place.Address, maglevTableSize))));

    /// <summary>Every address at which a frontend is served, in the order of tables.</summary>
    private static IEnumerable<(ListedFrontend Item, L4Address Address)> Places(ImmutableArray<ListedFrontend> frontends) =>
        frontends.SelectMany(static item => item.Frontend.NodeAddresses.Prepend(item.Frontend.Address).Select(address => (Item: item, Address: address)))
            .OrderBy(static place => place.Address, TableOrder.OfAddresses).ThenBy(static place => place.Item.Frontend.Scope);

    private static MapFrontendRow Row(ListedFrontend item, L4Address address, int maglevTableSize)
    {
        var frontend = item.Frontend;
        var isNodeAddress = address != frontend.Address;
        var flags = frontend.Flags | (isNodeAddress ? FrontendFlags.Routable : 0) | (item.FirstRedirect is null ? 0 : FrontendFlags.LocalRedirect);
        ImmutableArray<Backend> slots = [.. item.Backends.Where(static backend => backend.State is not BackendState.Maintenance)];
        var usable = item.Backends.AsSpan(0, item.UsableCount);
        var affine = frontend.AffinitySeconds == 0 ? [] : item.Backends.Where(static backend => backend.State is BackendState.Active);
        return new(
            (item.FirstRedirect is null ? frontend.Type : FrontendType.LocalRedirect).ToString(),
            FlagNames.Of(flags),
            (int)flags,
            AlgorithmNames.Of(frontend.Algorithm) ?? "undef",
            frontend.AffinitySeconds,
            usable.Length,
            slots.Length - usable.Length,
            [.. slots.Select(static backend => new MapSlotRow(backend.Address.ToString(), StateNames.InMaps(backend.State), backend.IsUnhealthy))],
            Place(address))
        {
            AffinityMatch = OrNull([.. affine.Select(static backend => backend.Address.ToString())]),
            SourceRanges = OrNull([.. frontend.SourceRanges.Select(static range => range.ToString())]),
            Maglev = frontend.UsesMaglev && !address.IsUnspecified && !usable.IsEmpty ? MaglevShares.Of(usable, maglevTableSize) : null,
        };
    }

    private static ImmutableArray<string>? OrNull(ImmutableArray<string> list) => list.IsEmpty ? null : list;

    private static string Place(L4Address address) => address.IsIPv4 ? $"{address.Address}:{address.Port}" : $"[{address.Address}]:{address.Port}";
}
