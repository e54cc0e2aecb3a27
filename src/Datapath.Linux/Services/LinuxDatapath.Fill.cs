using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux;

/// <content>How full its maps are.</content>
public sealed partial class LinuxDatapath
{
    /// <summary>
    /// How full the maps are that can run full, always the same ones in the same order. Slots that wait to be reused are not in use: a change that needs them has them. Of the sticky clients and the
    /// failed backends those whose time is over are. Changes do not wait while elements are counted.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ImmutableArray<MapFill> ReadMapFill()
    {
        ImmutableArray<MapFill> known;
        (string Name, BpfMap Map, Func<BpfMap, int> Count)[] counted;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            known =
            [
                new(SocketLbObject.Frontends4, _ipv4.Count, _object.Maps[SocketLbObject.Frontends4].Info.MaxEntries),
                new(SocketLbObject.Frontends6, _ipv6.Count, _object.Maps[SocketLbObject.Frontends6].Info.MaxEntries),
                new(SocketLbObject.Slots4, _ipv4.Allocator.Used, _ipv4.Allocator.Most),
                new(SocketLbObject.Slots6, _ipv6.Allocator.Used, _ipv6.Allocator.Most),
                new(SocketLbObject.Ranges4, _ranges4.Prefixes, _object.Maps[SocketLbObject.Ranges4].Info.MaxEntries),
                new(SocketLbObject.Ranges6, _ranges6.Prefixes, _object.Maps[SocketLbObject.Ranges6].Info.MaxEntries),
            ];
            counted =
            [
                Counted(SocketLbObject.Sets, static map => map.AsHash<SetKey, FrontendValue>().CountAll()),
                Counted(SocketLbObject.Clients, static map => map.AsHash<ClientKey, FrontendValue>().CountAll()),
                Counted(SocketLbObject.Exemptions, static map => map.AsHash<ulong, uint>().CountAll()),
                Counted(SocketLbObject.Affinity, static map => map.AsHash<AffinityKey, AffinityValue>().CountAll()),
                Counted(SocketLbObject.Failed, static map => map.AsHash<FailedKey, FailedValue>().CountAll()),
            ];
        }

        // A datapath that is disposed meanwhile has its descriptors closed only between two calls, and the next one says so.
        return [.. known, .. counted.Select(static item => new MapFill(item.Name, item.Count(item.Map), item.Map.Info.MaxEntries))];

        (string, BpfMap, Func<BpfMap, int>) Counted(string name, Func<BpfMap, int> count) => (name, _object.Maps[name], count);
    }
}
