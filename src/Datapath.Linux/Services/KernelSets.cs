using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The further sets as the kernel holds them, of all frontends of both families.</summary>
internal sealed class KernelSets
{
    private readonly ILookup<uint, (int Number, FrontendValue Value)> _sets;
    private readonly ILookup<(uint Frontend, int Number), ClientId> _clients;

    private KernelSets(BpfHashMap<SetKey, FrontendValue> sets, BpfHashMap<ClientKey, FrontendValue> clients)
    {
        Sets = sets.ToList();
        Clients = clients.ToList();
        _sets = Sets.ToLookup(static set => set.Key.FrontendId, static set => ((int)set.Key.Set, set.Value));
        _clients = Clients.ToLookup(static client => (client.Key.FrontendId, NumberOf(client.Value)), static client => new ClientId(client.Key.Client));
    }

    /// <summary>Where each set is.</summary>
    public IReadOnlyList<KeyValuePair<SetKey, FrontendValue>> Sets { get; }

    /// <summary>Which set each client has.</summary>
    public IReadOnlyList<KeyValuePair<ClientKey, FrontendValue>> Clients { get; }

    public static KernelSets Read(ClientMaps maps) => new(maps.Sets, maps.Clients);

    public static KernelSets Read(BpfMap sets, BpfMap clients) => new(sets.AsHash<SetKey, FrontendValue>(), clients.AsHash<ClientKey, FrontendValue>());

    /// <summary>The number of the set that a client has.</summary>
    public static int NumberOf(FrontendValue client) => (int)(client.Range & ((1 << (int)ClientLimits.SetBits) - 1));

    public IEnumerable<(int Number, FrontendValue Value)> SetsOf(uint frontend) => _sets[frontend].OrderBy(static set => set.Number);

    public IEnumerable<ClientId> ClientsOf(uint frontend, int number) => _clients[(frontend, number)].OrderBy(static client => client.Value);
}
