using System.Collections.Immutable;

namespace Datapath.Policy.Tables;

/// <summary>Rows of backends: by service, in the maps, and their weights.</summary>
internal static class BackendTables
{
    private const string Source = "k8s";

    public static ImmutableArray<BackendRow> Rows(IEnumerable<ServiceBackends> services) =>
    [
        .. services.SelectMany(static service => service.Backends.Select(named => (service.Service, Named: named)))
            .OrderBy(static item => item.Named.Backend.Address, TableOrder.OfAddresses).ThenBy(static item => item.Service)
            .Select(static item => Row(item.Service, item.Named)),
    ];

    public static IReadOnlyDictionary<string, string> MapRows(ImmutableArray<ListedFrontend> frontends)
    {
        var states = new SortedDictionary<L4Address, BackendState>(TableOrder.OfAddresses);
        foreach (var (_, frontend) in frontends)
        {
            foreach (var backend in frontend.Backends.Concat(frontend.Redirects.SelectMany(static redirect => redirect.Backends)))
                states[backend.Address] = states.TryGetValue(backend.Address, out var other) && other < backend.State ? other : backend.State;
        }

        return KeyedRows.Of(states.Select(static item => (item.Key.ToString(), StateNames.InMaps(item.Value))));
    }

    /// <summary>Of services that give one backend different weights, the biggest counts.</summary>
    public static IReadOnlyDictionary<string, int> Weights(IEnumerable<ServiceBackends> services)
    {
        var weights = new SortedDictionary<L4Address, int>(TableOrder.OfAddresses);
        foreach (var (backend, _) in services.SelectMany(static service => service.Backends))
        {
            var weight = backend.State is BackendState.Maintenance ? 0 : backend.Weight;
            weights[backend.Address] = Math.Max(weight, weights.GetValueOrDefault(backend.Address));
        }

        return KeyedRows.Of(weights.Select(static item => (item.Key.ToString(), item.Value)));
    }

    private static BackendRow Row(ServiceName service, NamedBackend named) => new(
        named.Backend.Address.ToString(),
        service.ToString(),
        named.PortNames,
        named.Backend.IsUnhealthy ? null : StateNames.Of(named.Backend.State),
        named.Backend.IsUnhealthy,
        named.Backend.NodeName ?? "",
        Source);
}
