using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Elements of hash maps in the kernel.</summary>
[TestFixture]
internal sealed class HashMapTests
{
    [Test]
    public void An_element_is_added_found_replaced_and_removed()
    {
        using var map = Create(16);
        var hash = map.AsHash<uint, ulong>();
        Assert.That(hash.TryGetValue(1, out _), Is.False);
        hash.Set(1, 100);
        hash.Set(2, 200);
        hash.Set(1, 101);
        Assert.That(hash.TryGetValue(1, out var value) ? value : 0, Is.EqualTo(101));
        Assert.That(hash.Remove(1), Is.True);
        Assert.That(hash.Remove(1), Is.False);
        Assert.That(hash.TryGetValue(1, out value), Is.False);
        Assert.That(value, Is.Zero);
        Assert.That(hash.ToList(), Is.EqualTo(new KeyValuePair<uint, ulong>[] { new(2, 200) }));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4096)]
    [TestCase(20_000, Description = "several calls")]
    public void All_elements_are_listed_once(int count)
    {
        using var map = Create(20_000);
        var hash = map.AsHash<uint, ulong>();
        uint[] keys = [.. Enumerable.Range(0, count).Select(static i => (uint)i)];
        Assert.That(hash.TrySetAll(keys, [.. keys.Select(static k => (ulong)k * 3)], out var written), Is.EqualTo(Errno.None));
        Assert.That(written, Is.EqualTo(count));
        var list = hash.ToList();
        Assert.That(list, Has.Count.EqualTo(count));
        Assert.That(list.ToDictionary().All(static e => e.Value == (ulong)e.Key * 3), Is.True);
    }

    [Test]
    public void A_full_map_refuses_a_new_key_but_not_a_new_value()
    {
        using var map = Create(4);
        var hash = map.AsHash<uint, ulong>();
        for (uint i = 0; i < 4; i++)
            hash.Set(i, i);
        Assert.That(
            () => hash.Set(4, 4),
            Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.E2BIG)
                .And.Message.StartsWith("update a key of map 'numbers': E2BIG (the map is full"));
        hash.Set(3, 33);
        Assert.That(hash.TryGetValue(3, out var value) ? value : 0, Is.EqualTo(33));
    }

    [Test]
    public void A_batch_that_does_not_fit_tells_how_far_it_came()
    {
        using var map = Create(4);
        var hash = map.AsHash<uint, ulong>();
        Assert.That(hash.TrySetAll([1, 2, 3, 4, 5, 6], [10, 20, 30, 40, 50, 60], out var written), Is.EqualTo(Errno.E2BIG));
        Assert.That(written, Is.EqualTo(4));
        Assert.That(hash.ToList().OrderBy(static e => e.Key).Select(static e => e.Value), Is.EqualTo(new[] { 10, 20, 30, 40 }));
    }

    [Test]
    public void A_batch_that_is_refused_as_a_whole_has_written_nothing()
    {
        using var map = Create(4);
        map.Freeze(); // user space may not write any more
        Assert.That(map.AsHash<uint, ulong>().TrySetAll([1, 2], [10, 20], out var written), Is.EqualTo(Errno.EPERM));
        Assert.That(written, Is.Zero);
    }

    [Test]
    public void A_miss_allocates_nothing()
    {
        using var map = Create(4);
        var hash = map.AsHash<uint, ulong>();
        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (uint i = 0; i < 100; i++)
                _ = hash.TryGetValue(in i, out _);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        _ = Measure();
        Assert.That(Measure(), Is.Zero);
    }

    [Test]
    public void A_type_of_another_size_or_another_kind_of_map_is_refused()
    {
        using var map = Create(4);
        Assert.That(map.AsHash<ulong, ulong>, Throws.TypeOf<MapLayoutException>().With.Message.EqualTo("map 'numbers' (Hash): key has 4 bytes, UInt64 has 8"));
        Assert.That(map.AsHash<uint, uint>, Throws.TypeOf<MapLayoutException>().With.Message.EqualTo("map 'numbers' (Hash): value has 8 bytes, UInt32 has 4"));
        Assert.That(map.AsPerCpuArray<ulong>, Throws.TypeOf<MapLayoutException>().With.Message.EqualTo("map 'numbers' (Hash): is no per-CPU array"));
        Assert.That(map.MapMemory<ulong>, Throws.TypeOf<MapLayoutException>().With.Message.EqualTo("map 'numbers' (Hash): is no mappable array"));
        using var array = BpfMap.Create(new() { Name = "array", Type = MapType.Array, KeySize = 4, ValueSize = 8, MaxEntries = 4 });
        Assert.That(array.AsHash<uint, ulong>, Throws.TypeOf<MapLayoutException>().With.Message.EqualTo("map 'array' (Array): is no hash"));
    }

    [Test]
    public void A_map_that_the_kernel_does_not_make_is_named_with_all_that_was_asked() =>
        Assert.That(
            static () => BpfMap.Create(new() { Name = "nothing", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = 0 }),
            Throws.TypeOf<BpfException>().With.Message.EqualTo("create map 'nothing' (Hash, key 4, value 8, 0 entries, None): EINVAL (0 entries: max_entries is missing in the map's definition, or MaxEntries was not set)"));

    private static BpfMap Create(uint entries) =>
        BpfMap.Create(new() { Name = "numbers", Type = MapType.Hash, KeySize = 4, ValueSize = 8, MaxEntries = entries });
}
