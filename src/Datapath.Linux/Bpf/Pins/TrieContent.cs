using System.Diagnostics.CodeAnalysis;

namespace Datapath.Linux.Bpf;

/// <summary>Prefixes of a trie.</summary>
/// <param name="things">What they are, in the plural.</param>
internal sealed class TrieContent<[DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey, [DynamicallyAccessedMembers(PaddingFinder.Fields)] TValue>(string things) : IMapContent
    where TKey : unmanaged
    where TValue : unmanaged
{
    public MapUse UseOf(BpfMap map, PinFolder pins)
    {
        var count = (uint)map.AsLpmTrie<TKey, TValue>().ToList().Count;
        return new(count, $"it holds {count} {things}");
    }

    public void Copy(BpfMap from, BpfMap to, PinFolder pins)
    {
        var all = from.AsLpmTrie<TKey, TValue>().ToList();
        to.AsLpmTrie<TKey, TValue>().SetAll([.. all.Select(static e => e.Key)], [.. all.Select(static e => e.Value)]);
    }
}
