using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>The clients whose dials are left alone.</summary>
internal sealed class Exemptions
{
    private readonly BpfHashMap<ulong, uint> _map;
    private readonly StateMap _state;
    private HashSet<ulong> _current;

    public Exemptions(IReadOnlyDictionary<string, BpfMap> maps, StateMap state)
    {
        _map = maps[SocketLbObject.Exemptions].AsHash<ulong, uint>();
        _state = state;
        _current = [.. _map.Keys];
    }

    /// <summary>Makes these the exempt ones, and only these.</summary>
    /// <returns>Why some are not, if there is no room for them.</returns>
    public Errno Set(IEnumerable<ClientId> clients)
    {
        var wanted = clients.Select(static client => client.Value).ToHashSet();
        if (wanted.SetEquals(_current))
            return Errno.None;
        ulong[] added = [.. wanted.Except(_current)];
        var errno = _map.TrySetAll(added, new uint[added.Length], out var written);
        _ = _map.RemoveAll([.. _current.Except(wanted)]);
        _current = [.. _current.Intersect(wanted), .. added[..written]];
        _state.Set(StateFlags.HasExemptions, _current.Count > 0);
        _state.Set(StateFlags.ExemptsCgroups, _current.Any(static client => new ClientId(client).IsCgroup));
        return errno;
    }
}
