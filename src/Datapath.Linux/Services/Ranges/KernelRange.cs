using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.InteropServices;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>Reads ranges as the kernel holds them.</summary>
internal static class KernelRange
{
    /// <summary>
    /// Reads a trie, without what makes no sense, see <see cref="WordContent.Read"/>. A manager may be at work: what was read counts if the trie is the same
    /// afterwards; if not, it is read once more.
    /// </summary>
    public static ImmutableArray<ProgrammedRange> Read<
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TSlot,
        TFamily,
        TRanges>(BpfLpmTrie<TKey, RangeValue> trie, BpfMappedArray<TSlot> slots, Func<KernelSets> further)
        where TKey : unmanaged, IEquatable<TKey>
        where TSlot : unmanaged
        where TFamily : IFamily<TSlot>
        where TRanges : IRangeFamily<TKey>
    {
        var rows = trie.ToList();
        while (true)
        {
            var ranges = ImmutableArray.CreateBuilder<ProgrammedRange>();
            var sets = rows.Count == 0 ? null : further();
            foreach (var (key, value) in rows)
            {
                if (TRanges.PrefixOf(in key) is { } prefix)
                    AddRow<TSlot, TFamily>(ranges, prefix, TRanges.ProtocolOf(in key), value, slots, sets!);
            }

            var now = trie.ToList();
            if (now.SequenceEqual(rows, RowComparer<TKey>.Instance))
                return ranges.ToImmutable();
            rows = now;
        }
    }

    private static void AddRow<TSlot, TFamily>(
        ImmutableArray<ProgrammedRange>.Builder ranges, IPNetwork prefix, L4Protocol protocol, in RangeValue value, BpfMappedArray<TSlot> slots, KernelSets further)
        where TSlot : unmanaged
        where TFamily : IFamily<TSlot>
    {
        foreach (var ports in value.Ports)
        {
            if (ports.First == 0)
                break;
            if ((ushort)(ports.Range >> (int)RangeBits.TagShift) != ports.Tag || WordContent.Read<TSlot, TFamily>(new() { Range = ports.Range }, slots, protocol) is not { } own)
                continue;
            ranges.Add(new(own.Head.FrontendId, prefix, ports.First, ports.Last, protocol, own.Backends)
            {
                Slots = own.Slots,
                Passes = own.Passes,
                FurtherSets = own.ReadSets<TSlot, TFamily>(slots, further, protocol),
            });
        }
    }

    private sealed class RowComparer<TKey> : IEqualityComparer<KeyValuePair<TKey, RangeValue>>
        where TKey : unmanaged, IEquatable<TKey>
    {
        public static RowComparer<TKey> Instance { get; } = new();

        public bool Equals(KeyValuePair<TKey, RangeValue> x, KeyValuePair<TKey, RangeValue> y)
        {
            var (first, second) = (x.Value, y.Value);
            return x.Key.Equals(y.Key)
                && MemoryMarshal.AsBytes(new ReadOnlySpan<RangeValue>(in first)).SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<RangeValue>(in second)));
        }

        public int GetHashCode(KeyValuePair<TKey, RangeValue> obj) => obj.Key.GetHashCode();
    }
}
