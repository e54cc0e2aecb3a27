using System.Runtime.CompilerServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Maps that have a value for each CPU.</summary>
[TestFixture]
internal sealed class PerCpuMapTests
{
    [Test]
    public void A_hash_has_a_value_for_each_CPU([Values(MapType.PerCpuHash, MapType.LruPerCpuHash)] MapType type)
    {
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, uint>("counters", 5000) with { Type = type });
        var hash = map.AsPerCpuHash<uint, uint>();
        var values = Values(1);
        Assert.That(hash.TryGetValues(1, values), Is.False);
        Assert.That(values, Is.EqualTo(Values(1)), "a miss changes nothing");
        hash.Set(1, Values(100));
        Assert.That(hash.TryAdd(1, Values(7)), Is.False);
        Assert.That(hash.TryAdd(2, Values(200)), Is.True);
        Assert.That(hash.TryGetValues(1, values), Is.True);
        Assert.That(values, Is.EqualTo(Values(100)));
        Assert.That(hash.Keys.Order(), Is.EqualTo(new uint[] { 1, 2 }));
        Assert.That(hash.ToList().OrderBy(static e => e.Key).Select(static e => e.Value), Is.EqualTo(new[] { Values(100), Values(200) }));
        Assert.That(hash.Remove(1), Is.True);
        Assert.That(hash.Remove(1), Is.False);
    }

    [Test]
    public void All_elements_are_listed_in_several_calls()
    {
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, ulong>("counters", 3000));
        var hash = map.AsPerCpuHash<uint, ulong>();
        for (uint i = 0; i < 3000; i++)
            hash.Set(i, [.. Values(i).Select(static v => (ulong)v)]);
        var list = hash.ToList();
        Assert.That(list.Select(static e => e.Key).Distinct().Count(), Is.EqualTo(3000));
        Assert.That(list.All(static e => e.Value.SequenceEqual(Values(e.Key).Select(static v => (ulong)v))), Is.True);
    }

    [Test]
    public void Values_are_replaced_only_if_there_and_what_is_taken_is_gone([Values(MapType.PerCpuHash, MapType.LruPerCpuHash)] MapType type)
    {
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, uint>("counters", 5000) with { Type = type });
        var hash = map.AsPerCpuHash<uint, uint>();
        Assert.That(hash.TryReplace(1, Values(5)), Is.False);
        hash.Set(1, Values(1));
        Assert.That(hash.TryReplace(1, Values(50)), Is.True);
        var values = new uint[PossibleCpus.Count];
        Assert.That(hash.TryTake(1, values), Is.True);
        Assert.That(values, Is.EqualTo(Values(50)));
        Assert.That(hash.TryTake(1, values), Is.False);
        Assert.That(values, Is.EqualTo(Values(50)), "a miss changes nothing");
        Assert.That(hash.ToList(), Is.Empty);
        Assert.That(() => hash.TryTake(1, new uint[PossibleCpus.Count + 1]), Throws.TypeOf<ArgumentException>());
    }

    // 3000 elements are more than a call takes; values of 4 bytes take 8 in the kernel.
    [Test]
    public void Many_elements_are_written_copied_and_removed_at_once([Values(0, 1, 3000)] int count)
    {
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, uint>("counters", 3000));
        var hash = map.AsPerCpuHash<uint, uint>();
        uint[] keys = [.. Enumerable.Range(0, count).Select(static i => (uint)i)];
        hash.SetAll(keys, [.. keys.SelectMany(static k => Values(k * 100))]);
        var (foundKeys, foundValues) = (new uint[count + 1], new uint[(count + 1) * PossibleCpus.Count]);
        Assert.That(hash.CopyTo(foundKeys, foundValues), Is.EqualTo(count));
        Assert.That(foundKeys[..count].Order(), Is.EqualTo(keys));
        Assert.That(foundKeys[..count].Zip(foundValues.Chunk(PossibleCpus.Count)).All(static e => e.Second.SequenceEqual(Values(e.First * 100))), Is.True);
        Assert.That(hash.RemoveAll([.. keys, 9999]), Is.EqualTo(count));
        Assert.That(hash.Keys, Is.Empty);
    }

    [Test]
    public void All_elements_are_taken_at_once_with_all_values([Values(0, 1, 3000)] int count, [Values] bool isList)
    {
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, ulong>("numbers", 4000));
        var hash = map.AsPerCpuHash<uint, ulong>();
        var cpus = hash.ValuesPerElement;
        uint[] keys = [.. Enumerable.Range(0, count).Select(static i => (uint)i)];
        hash.SetAll(keys, [.. keys.SelectMany(k => Enumerable.Repeat((ulong)k * 3, cpus))]);
        var taken = isList ? hash.TakeAll() : TakeInPieces(hash, 500);
        Assert.That(taken.Select(static e => e.Key).Order(), Is.EqualTo(keys));
        Assert.That(taken.All(e => e.Value.Length == cpus && Array.TrueForAll(e.Value, v => v == e.Key * 3)), Is.True);
        Assert.That(hash.ToList(), Is.Empty);
        Assert.That(() => hash.TakeTo([], []), Throws.ArgumentException);
    }

    [Test]
    public void Room_for_too_few_elements_or_values_is_refused()
    {
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, uint>("counters", 2));
        var hash = map.AsPerCpuHash<uint, uint>();
        Assert.That(() => hash.SetAll([1, 2], Values(1)), Throws.TypeOf<ArgumentException>());
        hash.SetAll([1, 2], [.. Values(1), .. Values(2)]);
        Assert.That(() => hash.CopyTo(new uint[1], new uint[PossibleCpus.Count]), Throws.TypeOf<ArgumentException>().With.Message.StartsWith("room for 1 elements is not enough"));
        Assert.That(() => hash.CopyTo(new uint[2], new uint[PossibleCpus.Count]), Throws.TypeOf<ArgumentException>());
        Assert.That(
            () => hash.SetAll([1, 3], [.. Values(1), .. Values(3)]),
            Throws.TypeOf<BpfException>().With.Message.StartsWith("update element 1 of 2 (those before are written) in map 'counters': E2BIG"));
    }

    [Test]
    public void An_array_is_written_and_read_in_several_calls()
    {
        using var map = BpfMap.Create(MapSpec.PerCpuArray<uint>("counters", 3000));
        var array = map.AsPerCpuArray<uint>();
        array.SetAll(500, [.. Enumerable.Range(500, 2500).SelectMany(static i => Values((uint)i * 100))]);
        array.SetAll(9999, []);
        var all = array.ToArray();
        Assert.That(all, Has.Length.EqualTo(3000));
        Assert.That(all[499], Is.All.Zero);
        Assert.That(all.Skip(500).SelectMany(static v => v), Is.EqualTo(Enumerable.Range(500, 2500).SelectMany(static i => Values((uint)i * 100))));
        var copy = new uint[(3000 * PossibleCpus.Count) + 1];
        array.CopyTo(copy);
        Assert.That(copy[..^1], Is.EqualTo(all.SelectMany(static v => v)));
        Assert.That(() => array.CopyTo(copy.AsSpan(2)), Throws.TypeOf<ArgumentException>().With.Message.StartsWith("room for 2999 elements is not enough"));
        if (PossibleCpus.Count > 1)
            Assert.That(() => array.SetAll(0, new uint[PossibleCpus.Count + 1]), Throws.TypeOf<ArgumentException>());
        Assert.That(
            () => array.SetAll(2999, [.. Values(1), .. Values(2)]),
            Throws.TypeOf<BpfException>().With.Message.EqualTo("update element 3000 (after 1 of 2) of map 'counters': E2BIG (there is no such index)"));
    }

    [Test]
    public void An_array_is_written_and_read()
    {
        using var map = BpfMap.Create(MapSpec.PerCpuArray<uint>("counters", 3));
        var array = map.AsPerCpuArray<uint>();
        array.Set(1, Values(50));
        Assert.That(array.Read(1), Is.EqualTo(Values(50)));
        Assert.That(array.ToArray(), Is.EqualTo(new[] { new uint[PossibleCpus.Count], Values(50), new uint[PossibleCpus.Count] }));
        Assert.That(() => array.Set(3, Values(1)), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.E2BIG).And.Message.EndsWith("(there is no such index)"));
    }

    [Test]
    public void Another_number_of_values_than_CPUs_is_refused()
    {
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, uint>("counters", 4));
        var hash = map.AsPerCpuHash<uint, uint>();
        Assert.That(hash.ValuesPerElement, Is.EqualTo(PossibleCpus.Count));
        Assert.That(() => hash.Set(1, new uint[PossibleCpus.Count + 1]), Throws.TypeOf<ArgumentException>());
        Assert.That(() => hash.TryGetValues(1, new uint[PossibleCpus.Count + 1]), Throws.TypeOf<ArgumentException>());
    }

    [Test]
    public void A_miss_and_a_hit_allocate_nothing()
    {
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, uint>("counters", 4));
        var hash = map.AsPerCpuHash<uint, uint>();
        var values = Values(1);
        uint[] keys = [1, 2];
        uint[] two = [.. Values(1), .. Values(2)];
        hash.Set(1, values);
        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (uint i = 0; i < 100; i++)
            {
                _ = hash.TryGetValues(in i, values);
                _ = hash.TryTake(in i, values);
                _ = hash.TryReplace(in i, values);
            }

            hash.SetAll(keys, two);
            _ = hash.CopyTo(keys, two);
            _ = hash.RemoveAll(keys);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        _ = Measure();
        Assert.That(Measure(), Is.Zero);
    }

    [Test]
    public void A_few_large_values_are_listed_in_little_memory()
    {
        using var map = BpfMap.Create(MapSpec.PerCpuHash<uint, LargeValue>("large", 4096) with { Flags = MapFlags.NoPrealloc });
        var hash = map.AsPerCpuHash<uint, LargeValue>();
        var values = new LargeValue[PossibleCpus.Count];
        values[^1][^1] = 7;
        for (uint i = 0; i < 3; i++)
            Eventually.True(() => HasRoom(i), "the kernel makes the memory of such elements in the background");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var list = hash.ToList();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan((6 << 20) + (3 * 16384 * PossibleCpus.Count)));
        Assert.That(list.Select(static e => e.Value[^1][^1]), Is.EqualTo(new[] { 7, 7, 7 }));

        bool HasRoom(uint key)
        {
            try
            {
                hash.Set(key, values);
                return true;
            }
            catch (BpfException e) when (e.Errno is Errno.ENOMEM)
            {
                return false;
            }
        }
    }

    // Different on each CPU, so that a mixed-up stride shows.
    private static uint[] Values(uint first) => [.. Enumerable.Range(0, PossibleCpus.Count).Select(i => first + (uint)i)];

    [InlineArray(16384)]
    private struct LargeValue
    {
        private byte _first;
    }

    private static List<KeyValuePair<uint, ulong[]>> TakeInPieces(BpfPerCpuHashMap<uint, ulong> hash, int room)
    {
        var all = new List<KeyValuePair<uint, ulong[]>>();
        var (keys, values) = (new uint[room], new ulong[room * hash.ValuesPerElement]);
        for (int count; (count = hash.TakeTo(keys, values)) != 0;)
            all.AddRange(Enumerable.Range(0, count).Select(i => KeyValuePair.Create(keys[i], values.AsSpan(i * hash.ValuesPerElement, hash.ValuesPerElement).ToArray())));
        return all;
    }
}
