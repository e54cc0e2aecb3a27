using System.Diagnostics.CodeAnalysis;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Services;

/// <summary>
/// Slots. They are copied to the same places. If those lie beyond the end of a smaller map, they are moved in the old one first, as any change is done: the
/// content beside the old, then the word that points at it. So whoever reads, and whoever starts after a kill in between, finds all of it.
/// </summary>
/// <param name="frontends">The map of the frontends of the family.</param>
/// <param name="ranges">The map of its ranges.</param>
internal sealed class SlotContent<
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TRangeKey,
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TSlot,
    TFamily>(string frontends, string ranges) : IMapContent
    where TKey : unmanaged, IEquatable<TKey>
    where TRangeKey : unmanaged
    where TSlot : unmanaged
    where TFamily : IFamily<TKey, TSlot>
{
    public MapUse UseOf(BpfMap map, PinFolder pins)
    {
        using var slots = map.MapMemory<TSlot>();
        using var words = new SlotWords<TKey, TRangeKey, TSlot, TFamily>(pins, frontends, ranges);
        var count = words.List(slots).Select(static w => w.Range).Distinct().Sum(static range => range.Slots); // a range shares its slots with its parts
        return new((uint)count + 1, $"it holds {count} slots"); // and one that belongs to nobody
    }

    public void Copy(BpfMap from, BpfMap to, PinFolder pins)
    {
        using var old = from.MapMemory<TSlot>();
        using var resized = to.MapMemory<TSlot>();
        if (resized.Count < old.Count)
        {
            using var words = new SlotWords<TKey, TRangeKey, TSlot, TFamily>(pins, frontends, ranges);
            MoveBelow(resized.Count, old, words, from.Info.Name, pins);
        }

        var count = Math.Min(old.Count, resized.Count);
        using var source = old.Slice(0, count);
        using var target = resized.Slice(0, count);
        source.Span.CopyTo(target.Span);
    }

    private static void MoveBelow(int end, BpfMappedArray<TSlot> slots, SlotWords<TKey, TRangeKey, TSlot, TFamily> words, string map, PinFolder pins)
    {
        var ofPlace = words.List(slots).GroupBy(static w => w.Range).ToLookup(shared => shared.Key.First + shared.Key.Slots <= end);
        if (!ofPlace[false].Any())
            return;
        var allocator = new SlotAllocator(end);
        if (!allocator.TryReserve(ofPlace[true].Select(static shared => (shared.Key.First, shared.Key.Slots))))
            throw new IncompatibleStateException($"map '{map}': two frontends share slots; uninstall, then start again");
        using var state = StateMap.OpenPinned(pins.Path);
        using var gracePeriod = new GracePeriod();
        gracePeriod.Wait(); // slots that the last process replaced just before it ended are free from here on
        var writing = new FrontendWriting(() => ref state.Value);
        foreach (var shared in ofPlace[false].OrderByDescending(static shared => shared.Key.Slots))
        {
            var range = shared.Key;
            if (range.First + range.Slots > slots.Count)
                throw new IncompatibleStateException($"map '{map}': slots from {range.First} on are in use, of {slots.Count}; uninstall, then start again");
            if (!allocator.TryTake(range.Slots, out var first))
            {
                throw new IncompatibleStateException(
                    $"map '{map}' cannot shrink: maxSlots is {end}, but no {range.Slots} slots in a row are free below that; raise maxSlots, or remove services first");
            }

            using (var source = slots.Slice(range.First, range.Slots))
            using (var target = slots.Slice(first, range.Slots))
                source.Span.CopyTo(target.Span);
            foreach (var word in shared)
            {
                using (writing.Begin())
                    word.MoveTo(first);
            }
        }
    }
}
