using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>A ring buffer that this process fills and a program reads (user_ring.bpf.c).</summary>
[TestFixture]
internal sealed class UserRingBufferTests
{
    private const int Size = 4096;

    private BpfObject _object = null!;
    private BpfUserRingBuffer _ring = null!;
    private Job _job;
    private ulong _number;

    [SetUp]
    public void Open()
    {
        if (!BpfFeature.UserRingBuffers.IsSupported)
            Assert.Ignore($"needs Linux {BpfFeature.UserRingBuffers.MinimumKernel}");
        _object = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("user_ring")));
        _ring = BpfUserRingBuffer.Open(_object.Maps["commands"]);
        (_job, _number) = (default, 0);
    }

    [TearDown]
    public void Close()
    {
        _ring?.Dispose();
        _object?.Dispose();
    }

    [Test]
    public void A_program_gets_records_of_any_size_in_order_through_many_turns_of_the_ring()
    {
        var random = new Random(1);
        var bytes = 0UL;
        for (var turn = 0; turn < 100; turn++)
        {
            for (var i = 0; i < 10; i++)
            {
                var length = random.Next(16, 300);
                Assert.That(Write(length), Is.True);
                bytes += (ulong)length;
            }

            Take();
            Assert.That(_ring.PendingBytes, Is.Zero);
        }

        Assert.That((_job.Count, _job.Bytes, _job.Last, _job.Disorder), Is.EqualTo((1000UL, bytes, _number, 0UL)));
    }

    [Test]
    public void A_full_ring_takes_nothing_until_a_program_has_taken_some()
    {
        const int fit = Size / 72;
        for (var i = 0; i < fit; i++)
            Assert.That(Write(64), Is.True);
        Assert.That(Write(64), Is.False);
        Assert.That(_ring.PendingBytes, Is.EqualTo(fit * 72));
        Take(most: 3);
        for (var i = 0; i < 3; i++)
            Assert.That(Write(64), Is.True);
        Assert.That(Write(64), Is.False);
        Take();
        Assert.That((_job.Count, _job.Disorder), Is.EqualTo((fit + 3UL, 0UL)));
    }

    [Test]
    public void The_largest_record_fills_the_ring_and_a_larger_one_is_refused()
    {
        Assert.That(_ring.MaxRecordLength, Is.EqualTo(Size - 8));
        for (var turn = 1UL; turn <= 5; turn++)
        {
            Assert.That(Write(_ring.MaxRecordLength), Is.True);
            Assert.That(_ring.PendingBytes, Is.EqualTo(Size));
            Take();
            Assert.That(Write(100), Is.True); // moves the start
            Take();
            Assert.That((_job.Count, _job.Disorder), Is.EqualTo((2 * turn, 0UL)));
        }

        Assert.That(() => _ring.TryReserve(Size - 7, out _), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void What_is_reserved_and_not_committed_is_never_seen()
    {
        Assert.That(() => _ring.Commit(), Throws.InvalidOperationException);
        Assert.That(_ring.TryReserve(64, out var record), Is.True);
        record.Fill(0xff);
        Take();
        Assert.That(_job.Count, Is.Zero);
        Assert.That(Write(64), Is.True);
        Take();
        Assert.That((_job.Count, _job.Disorder), Is.EqualTo((1UL, 0UL)));
    }

    [Test]
    public void A_value_is_a_record_and_costs_no_allocation()
    {
        Assert.That(_ring.TryWrite(new Command(16, 1)), Is.True);
        Take();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 2UL; number <= 100; number++)
            _ = _ring.TryWrite(new Command(16, number));
        Assert.That(GC.GetAllocatedBytesForCurrentThread(), Is.EqualTo(before));
        Take();
        Assert.That((_job.Count, _job.Disorder), Is.EqualTo((100UL, 0UL)));
    }

    [Test]
    public void A_value_with_padding_is_refused()
    {
        Assert.That(
            () => _ring.TryWrite(new Padded { Kind = 1, Number = 2 }),
            Throws.TypeOf<MapLayoutException>().With.Message.EqualTo(
                "map 'commands' (UserRingBuffer): record Padded has 7 bytes of padding after field 'Kind'; make it a field of its own"));
        Assert.That(_ring.PendingBytes, Is.Zero);
    }

    [Test]
    public void Another_writer_goes_on_where_the_last_has_stopped()
    {
        Assert.That(Write(64), Is.True);
        _ring.Dispose();
        Assert.That(() => _ring.TryReserve(64, out _), Throws.TypeOf<ObjectDisposedException>());
        _ring = BpfUserRingBuffer.Open(_object.Maps["commands"]);
        Assert.That(Write(64), Is.True);
        Take();
        Assert.That((_job.Count, _job.Disorder), Is.EqualTo((2UL, 0UL)));
    }

    [Test]
    public void A_ring_of_the_other_direction_is_refused()
    {
        using var other = BpfMap.Create(MapSpec.RingBuffer("other", Size));
        Assert.That(() => BpfUserRingBuffer.Open(other), Throws.TypeOf<MapLayoutException>().With.Message.Contains("is no user ring buffer"));
        Assert.That(() => BpfRingBuffer.Open(_object.Maps["commands"]), Throws.TypeOf<MapLayoutException>().With.Message.Contains("is no ring buffer"));
    }

    private bool Write(int length)
    {
        if (!_ring.TryReserve(length, out var record))
            return false;
        record.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)length);
        BinaryPrimitives.WriteUInt64LittleEndian(record[^8..], ++_number);
        _ring.Commit();
        return true;
    }

    private void Take(ulong most = ulong.MaxValue)
    {
        _job.Most = most;
        var result = _object.Programs["take_all"].TestRun(new() { Context = MemoryMarshal.AsBytes(new ReadOnlySpan<Job>(in _job)).ToArray() });
        _job = MemoryMarshal.Read<Job>(result.Context.AsSpan());
        Assert.That(_job.Result, Is.GreaterThanOrEqualTo(0), "the kernel understands the ring");
    }

    private struct Padded
    {
        public byte Kind;
        public ulong Number;
    }

    private readonly record struct Command(ulong Length, ulong Number);

    [StructLayout(LayoutKind.Sequential)]
    private struct Job
    {
        public ulong Most;
        public ulong Count;
        public ulong Bytes;
        public ulong Last;
        public ulong Disorder;
        public long Result;
    }
}
