using System.Collections.Immutable;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

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
