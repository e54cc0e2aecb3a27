using System.Net;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>A ring buffer that a program fills and this process reads.</summary>
[TestFixture]
internal sealed class RingBufferTests
{
    private const int Fit = 4096 / 72; // events of 64 bytes with their headers

    private TestCgroup _cgroup = null!;
    private BpfObject _object = null!;
    private CgroupLink _link = null!;
    private BpfMappedArray<Order> _orders = null!;
    private BpfRingBuffer _ring = null!;

    [SetUp]
    public void Attach()
    {
        _cgroup = new();
        _object = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("ring")));
        _link = CgroupLink.Attach(_object.Programs["produce"], _cgroup.Cgroup);
        _orders = _object.Maps["orders"].MapMemory<Order>();
        _ring = BpfRingBuffer.Open(_object.Maps["ring"]);
    }

    [TearDown]
    public void Detach()
    {
        _ring.Dispose();
        _orders.Dispose();
        _link.Dispose();
        _object.Dispose();
        _cgroup.Dispose();
    }

    [Test]
    public void Records_come_in_order_through_many_turns_of_the_ring()
    {
        var numbers = new List<ulong>();
        for (var i = 0; i < 50; i++)
        {
            Produce(37);
            Assert.That(_ring.Drain(record => numbers.Add(BitConverter.ToUInt64(record[56..]))), Is.EqualTo(37));
        }

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, 50 * 37).Select(static i => (ulong)i)));
        Assert.That(_ring.PendingBytes, Is.Zero);
    }

    [Test]
    public void A_full_ring_loses_events_counts_them_and_goes_on()
    {
        var lost = LostCounter.Of(_object.Maps["lost"]);
        Produce(100);
        Assert.That(_ring.PendingBytes, Is.EqualTo(Fit * 72));
        Assert.That(lost.TakeNew(), Is.EqualTo(100 - Fit));
        Assert.That(_ring.Drain(static _ => { }), Is.EqualTo(Fit));
        Produce(10);
        Assert.That(_ring.Drain(static _ => { }), Is.EqualTo(10));
        Assert.That(lost.TakeNew(), Is.Zero);
    }

    [Test]
    public void Discarded_records_are_passed_over_and_their_space_is_freed()
    {
        Produce(40, keepOneOf: 4);
        for (var number = 0UL; number < 40; number += 4)
        {
            Assert.That(_ring.TryRead(out var record), Is.True);
            Assert.That(BitConverter.ToUInt64(record), Is.EqualTo(number));
            _ring.Advance();
        }

        Assert.That(_ring.TryRead(out _), Is.False);
        Assert.That(_ring.PendingBytes, Is.Zero);
    }

    [Test]
    public async Task Typed_records_come_while_they_are_waited_for()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var records = _ring.ReadAllAsync<Event>(stop.Token).GetAsyncEnumerator(stop.Token);
        for (var number = 0UL; number < 20; number++)
        {
            var next = records.MoveNextAsync();
            Assert.That(next.IsCompleted, Is.False);
            Produce(1);
            Assert.That(await next, Is.True);
            Assert.That(records.Current.Number, Is.EqualTo(number));
        }

        var last = records.MoveNextAsync();
        _ring.Dispose();
        Assert.That(await last, Is.False);
        await records.DisposeAsync();
    }

    [Test]
    public async Task What_the_documents_show_prints_until_it_is_cancelled()
    {
        _ring.Dispose(); // a ring has one reader
        using var stop = new CancellationTokenSource();
        var printing = PrintAsync(new(new Dictionary<string, BpfMap> { ["events"] = _object.Maps["ring"] }), stop.Token);
        Produce(3);
        Eventually.True(IsEmpty, "the records are taken");
        await stop.CancelAsync();
        Assert.That(async () => await printing, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_pipe_hands_out_whole_records_and_gives_back_their_space()
    {
        var reader = _ring.OpenReader();
        var wait = reader.ReadAsync();
        Assert.That(wait.IsCompleted, Is.False);
        Produce(5);
        _ = (await wait.AsTask().WaitAsync(TimeSpan.FromSeconds(60))).Buffer;
        Assert.That(() => reader.TryRead(out _), Throws.InvalidOperationException);
        Assert.That(() => _ring.TryRead(out _), Throws.InvalidOperationException);
        reader.Complete();
        reader = _ring.OpenReader();
        Assert.That(reader.TryRead(out var all), Is.True);
        Assert.That(Numbers(all.Buffer), Is.EqualTo(new ulong[] { 0, 1, 2, 3, 4 }));
        Assert.That(() => reader.AdvanceTo(all.Buffer.GetPosition(8)), Throws.ArgumentException);
        reader.AdvanceTo(all.Buffer.GetPosition(72), all.Buffer.End);
        Assert.That(_ring.PendingBytes, Is.EqualTo(4 * 72));
        reader.CancelPendingRead();
        var cancelled = await reader.ReadAsync();
        Assert.That(cancelled.IsCanceled, Is.True);
        reader.AdvanceTo(cancelled.Buffer.End);
        Assert.That(_ring.PendingBytes, Is.Zero);
        reader.Complete();
    }

    [Test]
    public void A_wait_ends_by_its_token()
    {
        using var stop = new CancellationTokenSource();
        var wait = _ring.WaitToReadAsync(stop.Token);
        Assert.That(wait.IsCompleted, Is.False);
        stop.Cancel();
        Assert.That(async () => await wait, Throws.InstanceOf<OperationCanceledException>());
    }

    private static List<ulong> Numbers(in System.Buffers.ReadOnlySequence<byte> buffer)
    {
        var numbers = new List<ulong>();
        foreach (var record in new RingRecords(buffer))
            numbers.Add(record.As<Event>().Number);
        return numbers;
    }

    // docs/ebpf.md shows it so.
    private static async Task PrintAsync(Loaded loaded, CancellationToken cancellationToken)
    {
        using var ring = BpfRingBuffer.Open(loaded.Maps["events"]);
        await foreach (var e in ring.ReadAllAsync<Event>(cancellationToken))
            Console.WriteLine(e);
    }

    // What programs see, not what the reader knows.
    private unsafe bool IsEmpty()
    {
        using var memory = new RingMemory(_object.Maps["ring"]);
        return memory.Read(memory.Producer) == memory.Read(memory.Consumer);
    }

    private void Produce(uint count, uint keepOneOf = 0)
    {
        using var orders = _orders.Slice(0, 1);
        ref var order = ref orders[0];
        (order.Count, order.KeepOneOf) = (count, keepOneOf);
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
        socket.Connect(IPAddress.Loopback, 9);
    }

    private readonly record struct Loaded(IReadOnlyDictionary<string, BpfMap> Maps);

    private struct Order
    {
        public ulong Next;
        public uint Count;
        public uint KeepOneOf;
    }

    private readonly record struct Event(ulong Number, ulong A, ulong B, ulong C, ulong D, ulong E, ulong F, ulong G);
}
