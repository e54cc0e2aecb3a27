using System.Diagnostics.CodeAnalysis;
using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>All words that point at the slots of a family: those of its frontends, of their further sets and of its ranges.</summary>
internal sealed class SlotWords<
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TRangeKey,
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TSlot,
    TFamily> : IDisposable
    where TKey : unmanaged, IEquatable<TKey>
    where TRangeKey : unmanaged
    where TSlot : unmanaged
    where TFamily : IFamily<TKey, TSlot>
{
    private readonly BpfMap? _frontends;
    private readonly BpfMap? _sets;
    private readonly BpfMap? _ranges;

    public SlotWords(PinFolder pins, string frontends, string ranges)
    {
        try
        {
            (_frontends, _sets, _ranges) = (pins.TryOpenMap(frontends), pins.TryOpenMap(SocketLbObject.Sets), pins.TryOpenMap(ranges));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Lists them.</summary>
    /// <param name="slots">The slots, which say to which family a set belongs.</param>
    public IEnumerable<SlotWord> List(BpfMappedArray<TSlot> slots) => [.. OfFrontends(), .. OfSets(slots), .. OfRanges()];

    public void Dispose()
    {
        _frontends?.Dispose();
        _sets?.Dispose();
        _ranges?.Dispose();
    }

    private IEnumerable<SlotWord> OfFrontends()
    {
        var map = _frontends?.AsHash<TKey, FrontendValue>();
        return map?.ToList().Select(e => new SlotWord(e.Value, word => map.Set(e.Key, word))) ?? [];
    }

    private IEnumerable<SlotWord> OfSets(BpfMappedArray<TSlot> slots)
    {
        var map = _sets?.AsHash<SetKey, FrontendValue>();
        return map?.ToList()
            .Where(e => e.Value.First < slots.Count && TFamily.Read(in slots.DangerousItem(e.Value.First), L4Protocol.Tcp).FrontendId == e.Key.FrontendId)
            .Select(e => new SlotWord(e.Value, word => map.Set(e.Key, word))) ?? [];
    }

    private IEnumerable<SlotWord> OfRanges()
    {
        var map = _ranges?.AsLpmTrie<TRangeKey, RangeValue>();
        foreach (var (key, value) in map?.ToList() ?? [])
        {
            var current = value; // each of its words is written with what the others have become
            for (var i = 0; i < (int)RangeLimits.Ports && value.Ports[i].First != 0; i++)
            {
                var port = i;
                yield return new(new() { Range = value.Ports[i].Range }, word =>
                {
                    current.Ports[port].Range = word.Range;
                    map!.Set(key, current);
                });
            }
        }
    }
}
