using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The maps of further sets and of those who have them, for both families.</summary>
internal sealed class ClientMaps
{
    private readonly FrontendWriting _writing;

    public ClientMaps(IReadOnlyDictionary<string, BpfMap> maps, FrontendWriting writing)
    {
        Sets = maps[SocketLbObject.Sets].AsHash<SetKey, FrontendValue>();
        Clients = maps[SocketLbObject.Clients].AsHash<ClientKey, FrontendValue>();
        _writing = writing;
    }

    public BpfHashMap<SetKey, FrontendValue> Sets { get; }

    public BpfHashMap<ClientKey, FrontendValue> Clients { get; }

    /// <summary>Removes what an earlier process left of other frontends than these.</summary>
    public void RemoveUnless(HashSet<uint> frontends, KernelSets left)
    {
        ClientKey[] clients = [.. left.Clients.Select(static c => c.Key).Where(key => !frontends.Contains(key.FrontendId))];
        SetKey[] sets = [.. left.Sets.Select(static s => s.Key).Where(key => !frontends.Contains(key.FrontendId))];
        using (_writing.Begin())
        {
            _ = Clients.RemoveAll(clients);
            _ = Sets.RemoveAll(sets);
        }
    }

    public Errno TrySetSets(SetKey[] keys, FrontendValue[] values) => TrySet(Sets, keys, values);

    public Errno TrySetClients(uint frontendId, KeyValuePair<ClientId, int>[] clients)
    {
        ClientKey[] keys = [.. clients.Select(client => new ClientKey { Client = client.Key.Value, FrontendId = frontendId })];
        return TrySet(Clients, keys, [.. keys.Zip(clients, static (key, client) => new FrontendValue { Range = (uint)client.Value | ((ulong)key.Tag << (int)RangeBits.TagShift) })]);
    }

    public void RemoveClients(uint frontendId, ClientId[] clients)
    {
        if (clients.Length == 0)
            return;
        using (_writing.Begin())
            _ = Clients.RemoveAll([.. clients.Select(client => new ClientKey { Client = client.Value, FrontendId = frontendId })]);
    }

    public void RemoveSets(SetKey[] keys)
    {
        if (keys.Length == 0)
            return;
        using (_writing.Begin())
            _ = Sets.RemoveAll(keys);
    }

    private Errno TrySet<TKey>(BpfHashMap<TKey, FrontendValue> map, TKey[] keys, FrontendValue[] values)
        where TKey : unmanaged
    {
        if (keys.Length == 0)
            return Errno.None;
        using (_writing.Begin())
            return map.TrySetAll(keys, values, out _);
    }
}
