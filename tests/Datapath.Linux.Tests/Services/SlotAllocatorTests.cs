using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>Free ranges against the plainest model there is: a flag for each slot.</summary>
public class SlotAllocatorTests
{
    private enum Use
    {
        Free,
        Taken,
        Retired,
    }

    [Test]
    public void Any_sequence_agrees_with_a_flag_for_each_slot([Values(1, 2, 3, 4, 5, 6)] int seed, [Values(400, 3000)] int capacity)
    {
        var random = new Random(seed);
        var allocator = new SlotAllocator(capacity);
        var slots = new Use[capacity];
        slots[0] = Use.Taken;
        var taken = new List<(int First, int Count)>();
        for (var step = 0; step < (capacity < 1000 ? 20_000 : 4000); step++)
        {
            switch (random.Next(8))
            {
                case < 4:
                    var count = random.Next(10) == 0 ? random.Next(1, capacity + 2) : random.Next(1, 20);
                    Assert.That(allocator.TryTake(count, out var first), Is.EqualTo(LongestFree(slots) >= count), $"step {step}: {count} slots");
                    if (first == 0)
                        break;
                    Mark(slots, first, count, Use.Free, Use.Taken);
                    taken.Add((first, count));
                    break;
                case < 6 when taken.Count > 0:
                    var (retired, length) = Pick(taken, random);
                    allocator.Retire(retired, length);
                    Mark(slots, retired, length, Use.Taken, Use.Retired);
                    break;
                case 6 when taken.Count > 0:
                    var (returned, size) = Pick(taken, random);
                    allocator.Return(returned, size);
                    Mark(slots, returned, size, Use.Taken, Use.Free);
                    break;
                default:
                    if (random.Next(4) != 0)
                        break;
                    allocator.FreeRetired();
                    slots.AsSpan().Replace(Use.Retired, Use.Free);
                    break;
            }

            Assert.That(allocator.Free, Is.EqualTo(slots.Count(static s => s is Use.Free)), $"step {step}");
            Assert.That(allocator.Retired, Is.EqualTo(slots.Count(static s => s is Use.Retired)), $"step {step}");
        }

        foreach (var (first, count) in taken)
            allocator.Return(first, count);
        allocator.FreeRetired();
        Assert.That(allocator.TryTake(capacity - 1, out var all), Is.True, "all that is free is one range");
        Assert.That(all, Is.EqualTo(1));
        Assert.That(allocator.TryTake(1, out _), Is.False);
    }

    [Test]
    public void Ranges_in_use_are_reserved_and_the_rest_is_free([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var capacity = random.Next(2, 200);
            var slots = new Use[capacity];
            slots[0] = Use.Taken;
            var used = new List<(int First, int Count)>();
            for (var first = 1 + random.Next(3); first < capacity; first += random.Next(4))
            {
                var count = random.Next(1, Math.Min(20, capacity - first) + 1);
                used.Add((first, count));
                Mark(slots, first, count, Use.Free, Use.Taken);
                first += count;
            }

            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(used));
            var allocator = new SlotAllocator(capacity);
            Assert.That(allocator.TryReserve(used), Is.True);
            Assert.That(allocator.Free, Is.EqualTo(slots.Count(static s => s is Use.Free)));
            while (allocator.TryTake(1, out var one))
                Mark(slots, one, 1, Use.Free, Use.Taken);
            Assert.That(slots, Is.All.EqualTo(Use.Taken));
        }
    }

    [TestCase(1, 5, 5, 1, Description = "the last slot is in both")]
    [TestCase(1, 5, 1, 5)]
    [TestCase(8, 2, 5, 4)]
    [TestCase(0, 1, 5, 1, Description = "slot 0 belongs to nobody")]
    [TestCase(-3, 2, 5, 1)]
    [TestCase(1, 1, 95, 6, Description = "past the end")]
    [TestCase(1, 1, 200, 1)]
    public void Ranges_that_overlap_or_lie_outside_are_refused(int first, int count, int second, int length) =>
        Assert.That(new SlotAllocator(100).TryReserve([(first, count), (second, length)]), Is.False);

    [Test]
    public void A_full_array_may_be_reserved_whole()
    {
        var allocator = new SlotAllocator(100);
        Assert.That(allocator.TryReserve([(1, 99)]), Is.True);
        Assert.That(allocator.TryTake(1, out _), Is.False);
        allocator.Retire(1, 99);
        Assert.That(allocator.TryTake(1, out _), Is.False, "a program may still be reading");
        allocator.FreeRetired();
        Assert.That(allocator.TryTake(99, out var first) ? first : 0, Is.EqualTo(1));
    }

    [Test]
    public void Only_what_was_retired_before_the_grace_period_began_is_free_after_it()
    {
        var allocator = Full(10, 20);
        allocator.Retire(1, 10);
        var noted = allocator.NoteRetired();
        allocator.Retire(11, 20);
        allocator.FreeRetired(noted);
        Assert.That((allocator.Free, allocator.Retired), Is.EqualTo((10, 20)));
        Assert.That(allocator.TryTake(11, out _), Is.False);
        allocator.FreeRetired();
        Assert.That((allocator.Free, allocator.Retired), Is.EqualTo((30, 0)));
    }

    [Test]
    public void What_was_freed_while_somebody_waited_is_not_freed_again()
    {
        var allocator = Full(10, 20);
        allocator.Retire(1, 10);
        var noted = allocator.NoteRetired();
        allocator.FreeRetired();
        Assert.That(allocator.TryTake(10, out var first), Is.True);
        allocator.Retire(first, 10);
        allocator.FreeRetired(noted);
        Assert.That((allocator.Free, allocator.Retired), Is.EqualTo((0, 10)), "retired after it was noted");
    }

    /// <summary>An allocator whose slots are all in use by ranges of these lengths.</summary>
    private static SlotAllocator Full(params int[] lengths)
    {
        var allocator = new SlotAllocator(lengths.Sum() + 1);
        Assert.That(allocator.TryReserve(lengths.Select((length, i) => (1 + lengths[..i].Sum(), length))), Is.True);
        return allocator;
    }

    private static (int First, int Count) Pick(List<(int First, int Count)> taken, Random random)
    {
        var index = random.Next(taken.Count);
        var range = taken[index];
        taken.RemoveAt(index);
        return range;
    }

    private static void Mark(Use[] slots, int first, int count, Use from, Use to)
    {
        for (var i = first; i < first + count; i++)
        {
            Assert.That(slots[i], Is.EqualTo(from), $"slot {i}");
            slots[i] = to;
        }
    }

    private static int LongestFree(Use[] slots)
    {
        var (longest, length) = (0, 0);
        foreach (var slot in slots)
        {
            length = slot is Use.Free ? length + 1 : 0;
            longest = Math.Max(longest, length);
        }

        return longest;
    }
}
