using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The further sets as the kernel holds them, of all frontends.</summary>
internal sealed class KernelSets
{
    private readonly ILookup<uint, (int Number, FrontendValue Value)> _sets;
    private readonly ILookup<(uint Frontend, int Number), ClientId> _clients;

    private KernelSets(BpfHashMap<SetKey, FrontendValue> sets, BpfHashMap<ClientKey, FrontendValue> clients)
    {
        _sets = sets.ToList().ToLookup(static set => set.Key.FrontendId, static set => ((int)set.Key.Set, set.Value));
        _clients = clients.ToList().ToLookup(
            static client => (client.Key.FrontendId, (int)(client.Value.Range & ((1 << (int)ClientLimits.SetBits) - 1))), static client => new ClientId(client.Key.Client));
    }

    public static KernelSets Read(ClientMaps maps) => new(maps.Sets, maps.Clients);

    public static KernelSets Read(BpfMap sets, BpfMap clients) => new(sets.AsHash<SetKey, FrontendValue>(), clients.AsHash<ClientKey, FrontendValue>());

    public IEnumerable<(int Number, FrontendValue Value)> SetsOf(uint frontend) => _sets[frontend].OrderBy(static set => set.Number);

    public IEnumerable<ClientId> ClientsOf(uint frontend, int number) => _clients[(frontend, number)].OrderBy(static client => client.Value);
}
