using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Namespaces;

namespace Datapath.Linux.Services;

/// <summary>The clients whose dials are left alone.</summary>
internal sealed class Exemptions
{
    private readonly BpfHashMap<ulong, uint> _map;
    private readonly StateMap _state;
    private readonly ClientId[] _always;
    private HashSet<ulong> _current;

    /// <summary>Takes over what an earlier process left.</summary>
    /// <exception cref="CgroupNotFoundException">A cgroup of the options is not there.</exception>
    /// <exception cref="LinuxException">A cgroup or network namespace of the options cannot be opened.</exception>
    public Exemptions(LinuxDatapathOptions options, IReadOnlyDictionary<string, BpfMap> maps, StateMap state)
    {
        _always = [.. options.ExemptCgroups.Select(static path => ClientId.Cgroup(Cgroup.Open(path).Id)), .. options.ExemptNetworkNamespaces.Select(NamespaceAt)];
        _map = maps[SocketLbObject.Exemptions].AsHash<ulong, uint>();
        _state = state;
        _current = [.. _map.Keys];
    }

    /// <summary>Adds the exempt ones of the options to those that an earlier process left, which stay until somebody says who is one.</summary>
    /// <exception cref="LinuxException">There is no room.</exception>
    public void AddThoseOfOptions() => LinuxException.ThrowIfFailed(Set(_current.Select(static client => new ClientId(client))), $"update map '{SocketLbObject.Exemptions}'");

    /// <summary>Makes these the exempt ones, beside those of the options, and only these.</summary>
    /// <returns>Why some are not, if there is no room for them.</returns>
    public Errno Set(IEnumerable<ClientId> clients)
    {
        var wanted = clients.Concat(_always).Select(static client => client.Value).ToHashSet();
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

    private static ClientId NamespaceAt(string path)
    {
        using var network = NetworkNamespace.Open(path);
        return ClientId.Namespace(network.Cookie);
    }
}
