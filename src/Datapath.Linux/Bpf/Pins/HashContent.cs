using System.Diagnostics.CodeAnalysis;

namespace Datapath.Linux.Bpf;

/// <summary>Elements of a hash.</summary>
/// <param name="things">What they are, in the plural.</param>
internal sealed class HashContent<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(string things) : IMapContent
    where TKey : unmanaged
    where TValue : unmanaged
{
    public MapUse UseOf(BpfMap map, PinFolder pins)
    {
        var count = (uint)map.AsHash<TKey, TValue>().ToList().Count;
        return map.Info.Type is MapType.LruHash ? default : new(count, $"it holds {count} {things}"); // an LRU drops by itself what does not fit
    }

    public void Copy(BpfMap from, BpfMap to, PinFolder pins)
    {
        var all = from.AsHash<TKey, TValue>().ToList();
        to.AsHash<TKey, TValue>().SetAll([.. all.Select(static e => e.Key)], [.. all.Select(static e => e.Value)]);
    }
}
