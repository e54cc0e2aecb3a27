using System.Runtime.CompilerServices;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Arrays in memory shared with the kernel, and arrays with a value for each CPU.</summary>
[TestFixture]
internal sealed class ArrayTests
{
    [Test]
    public void What_one_mapping_writes_the_other_and_the_kernel_see()
    {
        using var map = Create(MapFlags.Mappable, valueSize: 8);
        using var first = map.MapMemory<ulong>();
        using var second = map.MapMemory<ulong>();
        using var written = first.Slice(3, 2);
        using var read = second.Slice(0, 100);
        written[1] = 0x0123_4567_89ab_cdef;
        Assert.That(read[4], Is.EqualTo(0x0123_4567_89ab_cdef));
        map.UpdateRaw(99, BitConverter.GetBytes(7UL));
        Assert.That(read[99], Is.EqualTo(7));
    }

    [Test]
    public void A_mapping_outlives_the_descriptor_and_ends_with_dispose()
    {
        BpfMappedArray<ulong> memory;
        using (var map = Create(MapFlags.Mappable, valueSize: 8))
            memory = map.MapMemory<ulong>();
        using (var elements = memory.Slice(1, 1))
        {
            elements[0] = 5;
            Assert.That(elements[0], Is.EqualTo(5));
        }

        memory.Dispose();
        memory.Dispose();
        Assert.That(() => memory.Slice(1, 1).Length, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_range_stays_mapped_after_dispose_until_its_own_end()
    {
        using var map = Create(MapFlags.Mappable, valueSize: 8);
        using var second = map.MapMemory<ulong>();
        var before = Mapped();
        var memory = map.MapMemory<ulong>();
        using (var elements = memory.Slice(0, 100))
        {
            memory.Dispose();
            Assert.That(() => memory.Slice(1, 1).Length, Throws.TypeOf<ObjectDisposedException>());
            elements.Span.Fill(9);
            Assert.That(Mapped(), Is.GreaterThan(before));
        }

        Assert.That(Mapped(), Is.EqualTo(before));
        using var read = second.Slice(99, 1);
        Assert.That(read[0], Is.EqualTo(9));
    }

    [Test]
    public void An_array_that_is_not_disposed_goes_with_the_garbage()
    {
        using var map = Create(MapFlags.Mappable, valueSize: 8);
        var before = Mapped();
        Forget(map);
        Assert.That(Mapped(), Is.GreaterThan(before));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.That(Mapped(), Is.EqualTo(before));
    }

    [Test]
    public void An_array_can_be_disposed_by_two_threads_while_a_third_writes()
    {
        using var map = Create(MapFlags.Mappable, valueSize: 8);
        for (var turn = 0; turn < 500; turn++)
        {
            var memory = map.MapMemory<ulong>();
            var writer = Task.Run(() => Write(memory));
            Parallel.Invoke(memory.Dispose, memory.Dispose);
            Assert.That(async () => await writer, Throws.TypeOf<ObjectDisposedException>());
        }
    }

    [TestCase(0, 101)]
    [TestCase(100, 1)]
    [TestCase(-1, 1)]
    [TestCase(1, -1)]
    [TestCase(int.MaxValue, int.MaxValue)]
    public void A_range_outside_the_array_is_refused(int first, int count)
    {
        using var map = Create(MapFlags.Mappable, valueSize: 8);
        using var memory = map.MapMemory<ulong>();
        Assert.That(() => memory.Slice(first, count).Length, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("of map 'array' with 100"));
    }

    [Test]
    public void An_array_that_does_not_fit_memory_is_refused()
    {
        using var plain = Create(MapFlags.None, valueSize: 8);
        Assert.That(plain.MapMemory<ulong>, Throws.TypeOf<MapLayoutException>().With.Message.Contains("is no mappable array"));
        using var odd = Create(MapFlags.Mappable, valueSize: 4);
        Assert.That(odd.MapMemory<uint>, Throws.TypeOf<MapLayoutException>().With.Message.Contains("the size of UInt32 is no multiple of 8"));
    }

    [Test]
    public void A_per_CPU_array_has_a_value_for_each_possible_CPU([Values] bool isWide)
    {
        using var map = BpfMap.Create(new()
        {
            Name = "counters",
            Type = MapType.PerCpuArray,
            KeySize = 4,
            ValueSize = isWide ? 8U : 4U,
            MaxEntries = 3,
        });
        int Count(uint index) => isWide ? map.AsPerCpuArray<ulong>().Read(index).Length : map.AsPerCpuArray<uint>().Read(index).Length;
        Assert.That(Count(2), Is.EqualTo(PossibleCpus.Count));
        Assert.That(() => Count(3), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.ENOENT));
        Assert.That(map.AsPerCpuArray<ushort>, Throws.TypeOf<MapLayoutException>());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(BpfMap map)
    {
        var memory = map.MapMemory<ulong>();
        using var elements = memory.Slice(0, 1);
        elements[0] = 1;
    }

    private static void Write(BpfMappedArray<ulong> memory)
    {
        while (true)
        {
            using var elements = memory.Slice(0, 100);
            elements.Span.Fill(1);
        }
    }

    private static int Mapped() => File.ReadLines("/proc/self/maps").Count(static line => line.Contains("bpf", StringComparison.Ordinal));

    private static BpfMap Create(MapFlags flags, uint valueSize) =>
        BpfMap.Create(new() { Name = "array", Type = MapType.Array, KeySize = 4, ValueSize = valueSize, MaxEntries = 100, Flags = flags });
}
