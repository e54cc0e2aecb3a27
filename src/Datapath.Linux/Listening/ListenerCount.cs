using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Linux.Listening;

/// <summary>How much a listener was not told since it began, by a count of the programs that goes on for ever.</summary>
internal sealed class ListenerCount(BpfMap counters, uint index)
{
    private readonly LostCounter _counter = LostCounter.Of(counters, index);
    private ulong _before;

    /// <summary>As of the last <see cref="Read"/>.</summary>
    public long Value { get; private set; }

    /// <summary>Counts from here on.</summary>
    public void Begin() => _before = _counter.Total;

    public long Read() => Value = (long)(_counter.Total - _before);
}
