using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Conditional and bulk operations on hash maps, and walks over maps that change.</summary>
[TestFixture]
internal sealed class HashMapOperationTests
{
    [Test]
    public void A_key_is_added_once_and_replaced_only_if_there([Values(MapType.Hash, MapType.LruHash)] MapType type)
    {
        using var map = Create(16, type);
        var hash = map.AsHash<uint, ulong>();
        Assert.That(hash.TryReplace(1, 5), Is.False);
        Assert.That(hash.TryAdd(1, 10), Is.True);
        Assert.That(hash.TryAdd(1, 11), Is.False);
        Assert.That(hash.TryGetValue(1, out var value) ? value : 0, Is.EqualTo(10));
        Assert.That(hash.TryReplace(1, 12), Is.True);
        Assert.That(hash.TryGetValue(1, out value) ? value : 0, Is.EqualTo(12));
    }

    [Test]
    public void What_is_taken_is_gone()
    {
        using var map = Create(16);
        var hash = map.AsHash<uint, ulong>();
        hash.Set(1, 10);
        Assert.That(hash.TryTake(1, out var value), Is.True);
        Assert.That(value, Is.EqualTo(10));
        Assert.That(hash.TryTake(1, out value), Is.False);
        Assert.That(value, Is.Zero);
        Assert.That(BpfFeature.HashTake.IsSupported, Is.True);
        Assert.That(BpfFeature.MapBatches.IsSupported, Is.True);
    }

    [Test]
    public void A_full_LRU_map_takes_new_keys_in_place_of_old_ones()
    {
        using var map = Create(16, MapType.LruHash);
        var hash = map.AsHash<uint, ulong>();
        for (uint i = 0; i < 10_000; i++)
            hash.Set(i, i);
        Assert.That(hash.TryGetValue(9_999, out _), Is.True);
        Assert.That(hash.ToList(), Has.Count.LessThan(10_000).And.Count.GreaterThan(0));
    }

    [Test]
    public void A_batch_that_does_not_fit_says_how_many_are_written()
    {
        using var map = Create(4);
        var hash = map.AsHash<uint, ulong>();
        Assert.That(
            () => hash.SetAll([1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]),
            Throws.TypeOf<BpfException>().With.Message.StartsWith("update element 4 of 6 (those before are written) in map 'numbers': E2BIG"));
        Assert.That(hash.ToList(), Has.Count.EqualTo(4));
        Assert.That(() => hash.SetAll([1, 2], [1]), Throws.TypeOf<ArgumentException>().With.Message.StartsWith("2 keys and 1 values for map 'numbers'"));
        hash.SetAll([], []);
    }

    [Test]
    public void Removing_many_passes_over_keys_that_are_not_there()
    {
        using var map = Create(100);
        var hash = map.AsHash<uint, ulong>();
        uint[] even = [.. Enumerable.Range(0, 50).Select(static i => 2 * (uint)i)];
        hash.SetAll(even, new ulong[even.Length]);
        uint[] firstHalf = [.. Enumerable.Range(0, 50).Select(static i => (uint)i)];
        Assert.That(hash.RemoveAll(firstHalf), Is.EqualTo(25));
        Assert.That(hash.RemoveAll([]), Is.Zero);
        Assert.That(hash.ToList().Select(static e => e.Key).Order(), Is.EqualTo(even[25..]));
    }

    [Test]
    public void Removing_from_a_frozen_map_fails_and_says_that_nothing_was_removed()
    {
        using var map = Create(4);
        var hash = map.AsHash<uint, ulong>();
        hash.Set(1, 1);
        map.Freeze();
        Assert.That(
            () => hash.RemoveAll([1]),
            Throws.TypeOf<BpfException>().With.Message.StartsWith("delete 1 keys of map 'numbers' (after 0 deleted): EPERM"));
    }

    [Test]
    public void A_frozen_map_is_read_and_takes_no_writes()
    {
        using var map = Create(4);
        var hash = map.AsHash<uint, ulong>();
        hash.Set(1, 1);
        map.Freeze();
        Assert.That(hash.TryGetValue(1, out _), Is.True);
        Assert.That(
            () => hash.Set(1, 2),
            Throws.TypeOf<BpfException>().With.Message.Contains("a map that is frozen or was opened read-only takes no writes"));
        Assert.That(map.Freeze, Throws.TypeOf<BpfException>().With.Message.Contains("frozen")); // EPERM or, of older kernels, EBUSY
    }

    [Test]
    public void A_map_that_is_mapped_for_writing_is_not_frozen()
    {
        using var map = BpfMap.Create(MapSpec.Array<ulong>("numbers", 4, MapFlags.Mappable));
        using (map.MapMemory<ulong>())
            Assert.That(map.Freeze, Throws.TypeOf<BpfException>().With.Message.StartsWith("freeze map 'numbers': EBUSY").And.Message.Contains("mapped into memory for writing"));
        Assert.That(map.Freeze, Throws.Nothing);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(5_000)]
    [TestCase(20_000)]
    public void All_elements_are_copied_to_memory_of_just_their_number(int count)
    {
        using var map = Create(20_000);
        var hash = map.AsHash<uint, ulong>();
        uint[] keys = [.. Enumerable.Range(0, count).Select(static i => (uint)i)];
        hash.SetAll(keys, [.. keys.Select(static k => (ulong)k * 3)]);
        var (foundKeys, foundValues) = (new uint[Math.Max(1, count)], new ulong[Math.Max(1, count)]);
        Assert.That(hash.CopyTo(foundKeys, foundValues), Is.EqualTo(count));
        Assert.That(foundKeys.Take(count).Order(), Is.EqualTo(keys));
        Assert.That(foundKeys.Zip(foundValues).All(static e => e.Second == (ulong)e.First * 3), Is.True);
        if (count > 1)
        {
            Assert.That(
                () => hash.CopyTo(foundKeys.AsSpan(1), foundValues.AsSpan(1)),
                Throws.TypeOf<ArgumentException>().With.Message.StartsWith($"room for {count - 1} elements is not enough"));
        }
    }

    [Test]
    public void All_elements_are_taken_at_once([Values(MapType.Hash, MapType.LruHash)] MapType type, [Values(0, 1, 5_000, 20_000)] int count)
    {
        using var map = Create(40_000, type);
        var hash = map.AsHash<uint, ulong>();
        uint[] keys = [.. Enumerable.Range(0, count).Select(static i => (uint)i)];
        hash.SetAll(keys, [.. keys.Select(static k => (ulong)k * 3)]);
        var taken = hash.TakeAll();
        Assert.That(taken.OrderBy(static e => e.Key), Is.EqualTo(keys.Select(static k => KeyValuePair.Create(k, (ulong)k * 3))));
        Assert.That(hash.ToList(), Is.Empty);
    }

    [Test]
    public void As_many_elements_are_taken_as_there_is_room_for_and_the_others_stay([Values(100, 7_000)] int room)
    {
        using var map = Create(20_000);
        var hash = map.AsHash<uint, ulong>();
        uint[] keys = [.. Enumerable.Range(0, 20_000).Select(static i => (uint)i)];
        hash.SetAll(keys, [.. keys.Select(static k => (ulong)k * 3)]);
        var found = new Dictionary<uint, ulong>();
        var (foundKeys, foundValues) = (new uint[room], new ulong[room]);
        for (int count; (count = hash.TakeTo(foundKeys, foundValues)) != 0;)
        {
            for (var i = 0; i < count; i++)
                found.Add(foundKeys[i], foundValues[i]);
            Assert.That(hash.CopyTo(new uint[20_000], new ulong[20_000]), Is.EqualTo(keys.Length - found.Count));
        }

        Assert.That(found.OrderBy(static e => e.Key), Is.EqualTo(keys.Select(static k => KeyValuePair.Create(k, (ulong)k * 3))));
    }

    [Test]
    public void Elements_are_not_taken_into_room_that_does_not_do()
    {
        using var map = Create(4);
        var hash = map.AsHash<uint, ulong>();
        hash.Set(1, 1);
        Assert.That(() => hash.TakeTo([], []), Throws.ArgumentException);
        Assert.That(() => hash.TakeTo(new uint[2], new ulong[1]), Throws.ArgumentException);
        Assert.That(hash.TryGetValue(1, out _), Is.True);
        Assert.That(hash.TakeTo(new uint[1], new ulong[1]), Is.EqualTo(1));
        Assert.That(hash.TakeTo(new uint[1], new ulong[1]), Is.Zero);
    }

    // A batch takes a bucket as a whole, and here is one bucket for all.
    [Test]
    public void Elements_of_one_bucket_that_do_not_fit_stay()
    {
        using var map = BpfMap.Create(MapSpec.Hash<uint, ulong>("numbers", 2) with { Flags = MapFlags.ZeroSeed });
        var hash = map.AsHash<uint, ulong>();
        uint[]? pair = null;
        for (uint other = 1; pair is null; other++)
        {
            hash.SetAll([0, other], [5, 6]);
            try
            {
                Assert.That(hash.TakeTo(new uint[1], new ulong[1]), Is.EqualTo(1));
                hash.TakeAll();
            }
            catch (ArgumentException)
            {
                pair = [0, other];
            }
        }

        Assert.That(hash.TakeAll().Select(static e => e.Key), Is.EquivalentTo(pair));
    }

    [Test]
    public void A_list_of_all_elements_has_little_room_to_spare([Values(100, 5000, 30_000)] int count)
    {
        using var map = Create(30_000);
        var hash = map.AsHash<uint, ulong>();
        uint[] keys = [.. Enumerable.Range(0, count).Select(static i => (uint)i)];
        hash.SetAll(keys, new ulong[count]);
        var list = hash.ToList();
        Assert.That(list.Select(static e => e.Key).Order(), Is.EqualTo(keys));
        Assert.That(list.Capacity, Is.LessThan(count * 1.3));
    }

    [Test]
    public void Keys_are_walked_over_once()
    {
        using var map = Create(1000);
        var hash = map.AsHash<uint, ulong>();
        Assert.That(hash.Keys, Is.Empty);
        uint[] keys = [.. Enumerable.Range(0, 1000).Select(static i => (uint)i)];
        hash.SetAll(keys, new ulong[1000]);
        Assert.That(hash.Keys.Order(), Is.EqualTo(keys));
    }

    [Test]
    public void Removing_each_key_in_hand_empties_the_map()
    {
        using var map = Create(1000);
        var hash = map.AsHash<uint, ulong>();
        hash.SetAll([.. Enumerable.Range(0, 1000).Select(static i => (uint)i)], new ulong[1000]);
        var removed = 0;
        foreach (var key in hash.Keys)
            removed += hash.Remove(in key) ? 1 : 0;
        Assert.That(removed, Is.EqualTo(1000));
        Assert.That(hash.ToList(), Is.Empty);
    }

    [Test]
    public void A_walk_ends_even_if_its_place_is_removed_at_each_step()
    {
        using var map = Create(64);
        var hash = map.AsHash<uint, ulong>();
        uint[] keys = [.. Enumerable.Range(0, 64).Select(static i => (uint)i)];
        var steps = 0;
        hash.SetAll(keys, new ulong[64]);
        foreach (var _ in hash.Keys)
        {
            // The walk's place is among them, so the kernel starts over; what comes back keeps it from running out of keys.
            Assert.That(hash.RemoveAll(keys), Is.EqualTo(64));
            var shift = (uint)++steps * 64;
            keys = [.. Enumerable.Range(0, 64).Select(i => shift + (uint)i)];
            hash.SetAll(keys, new ulong[64]);
        }

        Assert.That(steps, Is.EqualTo((2 * 64) + 64));
    }

    [Test]
    [CancelAfter(60_000)]
    public void A_list_holds_what_stays_once_while_others_come_and_go(CancellationToken cancellation)
    {
        using var map = Create(4096);
        var hash = map.AsHash<uint, ulong>();
        uint[] staying = [.. Enumerable.Range(0, 1000).Select(static i => (uint)i)];
        uint[] passing = [.. Enumerable.Range(10_000, 1000).Select(static i => (uint)i)];
        hash.SetAll(staying, new ulong[1000]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var rounds = 0;
        var churn = Task.Run(
            () =>
            {
                for (; !stop.IsCancellationRequested; Interlocked.Increment(ref rounds))
                {
                    hash.SetAll(passing, new ulong[1000]);
                    _ = hash.RemoveAll(passing);
                }
            },
            CancellationToken.None);
        var lists = 0;
        while ((lists < 50 || Volatile.Read(ref rounds) < 50) && !cancellation.IsCancellationRequested)
        {
            Assert.That(hash.ToList().Select(static e => e.Key).Where(static k => k < 10_000).Order(), Is.EqualTo(staying));
            Assert.That(hash.Keys.Count(), Is.LessThanOrEqualTo((2 * 4096) + 64));
            lists++;
        }

        stop.Cancel();
        churn.Wait(CancellationToken.None);
        Assert.That(rounds, Is.GreaterThanOrEqualTo(50));
    }

    [Test]
    public void Elements_are_read_and_written_without_allocating()
    {
        using var map = Create(100);
        var hash = map.AsHash<uint, ulong>();
        var (keys, values) = (new uint[100], new ulong[100]);
        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (uint i = 0; i < 100; i++)
            {
                _ = hash.TryTake(in i, out _);
                _ = hash.TryReplace(in i, 1);
                _ = hash.TryAdd(in i, 1);
                _ = hash.TryAdd(in i, 1);
            }

            hash.SetAll(keys, values);
            _ = hash.CopyTo(keys, values);
            _ = hash.RemoveAll(keys);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        _ = Measure();
        Assert.That(Measure(), Is.Zero);
    }

    private static BpfMap Create(uint entries, MapType type = MapType.Hash) =>
        BpfMap.Create(MapSpec.Hash<uint, ulong>("numbers", entries) with { Type = type });
}
