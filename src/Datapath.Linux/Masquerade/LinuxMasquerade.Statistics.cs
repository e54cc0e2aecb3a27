using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;
using Datapath.Linux.Masquerade;

namespace Datapath.Linux;

public sealed partial class LinuxMasquerade
{
    /// <inheritdoc/>
    public int CountFlows()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var entries = _object.Maps[MasqueradeObject.Flows4].AsHash<FlowKey4, Flow4>().CountAll() + _object.Maps[MasqueradeObject.Flows6].AsHash<FlowKey6, Flow6>().CountAll();
            return entries / 2; // a flow has two
        }
    }

    /// <summary>How full the tables of flows are, always the same ones in the same order: a flow has two entries. Changes do not wait while they are counted.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ImmutableArray<MapFill> ReadMapFill()
    {
        BpfMap ipv4, ipv6;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            (ipv4, ipv6) = (_object.Maps[MasqueradeObject.Flows4], _object.Maps[MasqueradeObject.Flows6]);
        }

        return
        [
            new(MasqueradeObject.Flows4, ipv4.AsHash<FlowKey4, Flow4>().CountAll(), ipv4.Info.MaxEntries),
            new(MasqueradeObject.Flows6, ipv6.AsHash<FlowKey6, Flow6>().CountAll(), ipv6.Info.MaxEntries),
        ];
    }

    /// <summary>How many events found no room in the ring of a listener, since the maps were made.</summary>
    /// <param name="ofLog">Of the one that keeps a log; else of the one that watches.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public long ReadLostEvents(bool ofLog)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return (long)LostCounter.Of(_object.Maps[MasqueradeObject.Untold], new NatSeat(ofLog).LostIndex).Total;
        }
    }

    /// <summary>
    /// How often each program of the devices ran and for how long, by the program's name, while the kernel counted (see <see cref="BpfStatistics"/>).
    /// </summary>
    public ImmutableSortedDictionary<string, BpfRunStatistics> ReadRunStatistics()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _object.Programs.Where(static p => p.Key != MasqueradeObject.SweepHeld).ToImmutableSortedDictionary(static p => p.Key, static p => p.Value.Statistics, StringComparer.Ordinal);
        }
    }
}
