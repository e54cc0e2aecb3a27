using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>Rows of frontends as they are meant: exact ones, ranges, and whole addresses.</summary>
internal static class FrontendTables
{
    public static FrontendRow Row(ListedFrontend item)
    {
        var frontend = item.Frontend;
        return new(
            ListedFrontend.Key(frontend.Address, frontend.Scope),
            frontend.Type.ToString(),
            item.Service.ToString(),
            frontend.PortName,
            [.. item.Backends.Select(static backend => backend.Address).Order(TableOrder.OfAddresses).Select(static address => address.ToString())],
            frontend.Type is FrontendType.LocalRedirect ? null : item.FirstRedirect?.Policy.ToString(), // else the service says it
            Status: "Done",
            Error: "",
            RedirectRow.Of(frontend.Redirects));
    }

    public static ImmutableArray<RangeRow> Ranges(DesiredState state) =>
    [
        .. state.Services.Values.SelectMany(static service => service.Ranges.Select(range => (service.Name, Range: range)))
            .OrderBy(static item => new L4Address(item.Range.Prefix.BaseAddress, item.Range.FirstPort, item.Range.Protocol), TableOrder.OfAddresses)
            .ThenBy(static item => item.Range.Prefix.PrefixLength).ThenBy(static item => item.Range.LastPort)
            .Select(static item => new RangeRow(item.Range.ToString(), item.Name.ToString(), RedirectRow.Of(item.Range.Redirects))),
    ];

    public static IReadOnlyDictionary<string, MapWildcardRow> Wildcards(ImmutableArray<ListedFrontend> frontends) =>
        KeyedRows.Of(frontends.Where(static item => item.Frontend.GuardsAddress).Select(static item => Wildcard(item.Frontend)));

    private static (string Key, MapWildcardRow Row) Wildcard(Frontend frontend)
    {
        var ip = frontend.Address.Address;
        var flags = frontend.Type is FrontendType.LoadBalancer ? FrontendFlags.LoadBalancer : FrontendFlags.None;
        return (frontend.Address.IsIPv4 ? $"{ip}" : $"[{ip}]", new(frontend.Type.ToString(), FlagNames.Of(flags), (int)flags));
    }
}
