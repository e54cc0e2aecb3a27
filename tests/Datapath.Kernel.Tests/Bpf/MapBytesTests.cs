using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Elements as plain bytes.</summary>
[TestFixture]
internal sealed class MapBytesTests
{
    [Test]
    public void A_hash_is_read_and_written([Values(MapType.Hash, MapType.LruHash)] MapType type)
    {
        using var map = BpfMap.Create(MapSpec.Hash<uint, ulong>("bytes", 8) with { Type = type });
        var bytes = map.AsBytes();
        Assert.That((bytes.KeySize, bytes.ValueSize, bytes.ValueStride), Is.EqualTo((4, 8, 8)));
        var value = new byte[8];
        Assert.That(bytes.TryGetValue(Key(1), value), Is.False);
        Assert.That(bytes.TryReplace(Key(1), Value(3)), Is.False);
        Assert.That(bytes.TryAdd(Key(1), Value(4)), Is.True);
        Assert.That(bytes.TryAdd(Key(1), Value(5)), Is.False);
        Assert.That(bytes.TryReplace(Key(1), Value(6)), Is.True);
        Assert.That((bytes.TryGetValue(Key(1), value), BinaryPrimitives.ReadUInt64LittleEndian(value)), Is.EqualTo((true, 6UL)));
        bytes.Set(Key(2), Value(7));
        Assert.That(map.AsHash<uint, ulong>().ToList(), Is.EquivalentTo((KeyValuePair<uint, ulong>[])[new(1, 6), new(2, 7)]));
        Assert.That(bytes.ToList().Select(static e => (e.Key[0], e.Value[0])), Is.EquivalentTo(((byte, byte)[])[(1, 6), (2, 7)]));
        Assert.That((bytes.TryTake(Key(2), value), value[0]), Is.EqualTo((true, 7)));
        Assert.That((bytes.TryTake(Key(2), value), bytes.Remove(Key(2)), bytes.Remove(Key(1))), Is.EqualTo((false, false, true)));
        Assert.That(bytes.ToList(), Is.Empty);
    }

    [Test]
    public void A_value_of_a_per_CPU_map_is_the_values_of_all_CPUs()
    {
        using var map = BpfMap.Create(MapSpec.PerCpuArray<uint>("bytes", 2));
        var bytes = map.AsBytes();
        Assert.That((bytes.ValueStride, bytes.ValueSize), Is.EqualTo((8, 8 * PossibleCpus.Count)));
        var values = new byte[bytes.ValueSize];
        for (var cpu = 0; cpu < PossibleCpus.Count; cpu++)
            values[cpu * 8] = (byte)(cpu + 1);
        bytes.Set(Key(1), values);
        Assert.That(map.AsPerCpuArray<uint>().Read(1), Is.EqualTo(Enumerable.Range(1, PossibleCpus.Count)));
        Assert.That(bytes.ToList().Select(static e => e.Value), Is.EqualTo((byte[][])[new byte[values.Length], values]));
    }

    [Test]
    public void A_map_of_a_kind_without_a_view_is_filled()
    {
        using var map = BpfMap.Create(new MapSpec { Name = "cpus", Type = MapType.CpuMap, KeySize = 4, ValueSize = 4, MaxEntries = 1 });
        var bytes = map.AsBytes();
        bytes.Set(Key(0), [64, 0, 0, 0]); // room in the queue of CPU 0
        Assert.That(bytes.ToList().Select(static e => (e.Key[0], e.Value[0])), Is.EqualTo(((byte, byte)[])[(0, 64)]));
        Assert.That(() => bytes.Set(Key(1), [64, 0, 0, 0]), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.E2BIG));
    }

    [Test]
    public void An_array_has_no_element_to_take()
    {
        using var map = BpfMap.Create(MapSpec.Array<ulong>("row", 2));
        Assert.That(() => map.AsBytes().TryTake(Key(0), new byte[8]), Throws.TypeOf<BpfException>().With.Message.StartsWith("take a key out of map 'row': ENOTSUPP"));
        Assert.That(() => map.AsBytes().Remove(Key(0)), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.EINVAL));
    }

    [Test]
    public void Bytes_of_another_size_are_refused_before_the_kernel_sees_them()
    {
        using var map = BpfMap.Create(MapSpec.Hash<uint, ulong>("bytes", 8));
        var bytes = map.AsBytes();
        Assert.That(() => bytes.TryGetValue(new byte[3], new byte[8]), Throws.ArgumentException.With.Message.StartsWith("3 bytes for a key of map 'bytes', which takes 4"));
        Assert.That(() => bytes.TryGetValue(Key(1), new byte[9]), Throws.ArgumentException.With.Message.StartsWith("9 bytes for a value of map 'bytes', which takes 8"));
        Assert.That(() => bytes.Set(Key(1), []), Throws.ArgumentException.With.Message.StartsWith("0 bytes for a value"));
        Assert.That(() => bytes.TryTake(Key(1), new byte[7]), Throws.ArgumentException.With.Message.StartsWith("7 bytes for a value"));
        Assert.That(() => bytes.Remove([]), Throws.ArgumentException.With.Message.StartsWith("0 bytes for a key"));
    }

    [Test]
    public void A_map_without_keys_is_refused()
    {
        using var map = BpfMap.Create(MapSpec.Queue<uint>("line", 4));
        Assert.That(map.AsBytes, Throws.TypeOf<MapLayoutException>().With.Message.EqualTo("map 'line' (Queue): has no keys"));
    }

    [Test]
    public void Neither_a_hit_nor_a_miss_allocates()
    {
        using var map = BpfMap.Create(MapSpec.Hash<uint, ulong>("bytes", 8));
        var bytes = map.AsBytes();
        var (there, missing, value) = (Key(1), Key(2), Value(3));
        bytes.Set(there, value);
        _ = bytes.TryGetValue(there, value) | bytes.TryGetValue(missing, value);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            _ = bytes.TryGetValue(there, value) | bytes.TryGetValue(missing, value);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static byte[] Key(uint key) => Bytes(key);

    private static byte[] Value(ulong value) => Bytes(value);

    private static byte[] Bytes<T>(T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();
}
