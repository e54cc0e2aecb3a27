namespace Datapath.Linux.Bpf;

/// <summary>Counters of each CPU. A later version may have more of them.</summary>
internal sealed class CounterContent : IMapContent
{
    // Fewer would lose what a later version counted.
    public MapUse UseOf(BpfMap map, PinFolder pins) => new(map.Info.MaxEntries, $"it holds {map.Info.MaxEntries} counters");

    public void Copy(BpfMap from, BpfMap to, PinFolder pins)
    {
        var (old, grown) = (from.AsPerCpuArray<ulong>(), to.AsPerCpuArray<ulong>());
        for (var i = 0U; i < old.Count; i++)
            grown.Set(i, old.Read(i));
    }
}
