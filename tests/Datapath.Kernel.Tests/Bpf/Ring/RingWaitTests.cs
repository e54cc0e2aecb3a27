using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>Waiting for records, and all that can end it.</summary>
[TestFixture]
[LoadTest]
internal sealed class RingWaitTests
{
    private static readonly TimeSpan s_enough = TimeSpan.FromSeconds(20);

    private RingProgram _program = null!;
    private BpfRingBuffer _ring = null!;

    [SetUp]
    public void Open()
    {
        _program = new();
        _ring = BpfRingBuffer.Open(_program.Map("small"));
    }

    [TearDown]
    public void Close()
    {
        _ring.Dispose();
        _program.Dispose();
    }

    [Test]
    public async Task Rings_that_wait_together_are_told_apart_on_one_thread()
    {
        using var other = BpfRingBuffer.Open(_program.Map("large"));
        for (var turn = 0; turn < 10; turn++)
        {
            var first = _ring.WaitToReadAsync().AsTask();
            var second = other.WaitToReadAsync().AsTask();
            _program.Write("large");
            Assert.That(await second.WaitAsync(s_enough), Is.True);
            Assert.That(first.IsCompleted, Is.False);
            _program.Write("small");
            Assert.That(await first.WaitAsync(s_enough), Is.True);
            Assert.That((_ring.Drain(static _ => { }), other.Drain(static _ => { })), Is.EqualTo((1, 1)));
        }

        Assert.That(Threads(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_wait_can_follow_one_that_was_cancelled()
    {
        for (var turn = 0; turn < 10; turn++)
        {
            using var stop = new CancellationTokenSource();
            var wait = _ring.WaitToReadAsync(stop.Token).AsTask();
            await stop.CancelAsync();
            Assert.That(async () => await wait.WaitAsync(s_enough), Throws.InstanceOf<OperationCanceledException>());
        }

        var last = _ring.WaitToReadAsync().AsTask();
        Assert.That(last.IsCompleted, Is.False);
        _program.Write("small");
        Assert.That(await last.WaitAsync(s_enough), Is.True);
        Assert.That(_ring.Drain(static _ => { }), Is.EqualTo(1));
    }

    [Test]
    public void A_token_that_is_cancelled_already_ends_the_wait_although_a_record_is_there()
    {
        _program.Write("small");
        Assert.That(async () => await _ring.WaitToReadAsync(new(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_ring.Drain(static _ => { }), Is.EqualTo(1));
    }

    [Test]
    public async Task Records_that_a_cancelled_enumeration_did_not_hand_out_are_left_to_the_next([Values] bool isBatch)
    {
        _program.Write("small", count: 3);
        Assert.That(async () => await Count(isBatch, new(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
        using var stop = new CancellationTokenSource();
        await using (var records = _ring.ReadAllAsync<Numbered>(stop.Token).GetAsyncEnumerator(CancellationToken.None))
        {
            Assert.That(await records.MoveNextAsync(), Is.True);
            await stop.CancelAsync();
            Assert.That(async () => await records.MoveNextAsync(), Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That(_ring.Drain(static _ => { }), Is.EqualTo(2));
    }

    [Test]
    public async Task Cancelling_an_enumeration_that_waits_leaves_the_ring_to_the_next([Values] bool isBatch)
    {
        using var stop = new CancellationTokenSource();
        var waiting = Count(isBatch, stop.Token);
        Assert.That(waiting.IsCompleted, Is.False);
        await stop.CancelAsync();
        Assert.That(async () => await waiting.WaitAsync(s_enough), Throws.InstanceOf<OperationCanceledException>());
        _program.Write("small", count: 3);
        Assert.That(_ring.Drain(static _ => { }), Is.EqualTo(3));
    }

    [Test]
    public async Task Disposing_ends_every_kind_of_wait()
    {
        var wait = _ring.WaitToReadAsync().AsTask();
        _ring.Dispose();
        Assert.That(await wait.WaitAsync(s_enough), Is.False);

        _ring = BpfRingBuffer.Open(_program.Map("small"));
        var batches = Count(isBatch: true, CancellationToken.None);
        Assert.That(batches.IsCompleted, Is.False);
        _ring.Dispose();
        Assert.That(await batches.WaitAsync(s_enough), Is.Zero);

        _ring = BpfRingBuffer.Open(_program.Map("small"));
        var reader = _ring.OpenReader();
        var read = reader.ReadAsync().AsTask();
        Assert.That(read.IsCompleted, Is.False);
        _ring.Dispose();
        Assert.That((await read.WaitAsync(s_enough)).IsCompleted, Is.True);
        await reader.CompleteAsync();
    }

    [Test]
    public void A_second_wait_at_the_same_time_is_refused()
    {
        var wait = _ring.WaitToReadAsync().AsTask();
        Assert.That(async () => await _ring.WaitToReadAsync(), Throws.InvalidOperationException);
        Assert.That(wait.IsCompleted, Is.False);
    }

    [Test]
    public void Rings_that_are_disposed_leave_no_descriptor_no_memory_and_no_thread()
    {
        OpenWaitAndDispose(); // starts what the process keeps
        var before = (Held("/proc/self/fd"), Mapped(), Threads());
        for (var i = 0; i < 20; i++)
            OpenWaitAndDispose();
        Assert.That((Held("/proc/self/fd"), Mapped(), Threads()), Is.EqualTo(before));
        Assert.That(Threads(), Is.EqualTo(1));
    }

    [Test]
    public void A_reader_that_keeps_records_makes_programs_lose_and_one_that_goes_on_does_not()
    {
        const int fit = RingProgram.SmallSize / 72;
        var reader = _ring.OpenReader();
        _program.Write("small", count: fit + 10);
        Assert.That(_program.Lost, Is.EqualTo(10));
        Assert.That(reader.TryRead(out var all), Is.True);
        _program.Write("small");
        Assert.That(_program.Lost, Is.EqualTo(11), "what was read is not consumed yet");
        reader.AdvanceTo(all.Buffer.GetPosition(5 * 72), all.Buffer.End);
        _program.Write("small", count: 6);
        Assert.That(_program.Lost, Is.EqualTo(12), "there was room for five");
        reader.Complete();
        Assert.That(_ring.Drain(static _ => { }), Is.EqualTo(fit));
    }

    [Test]
    public async Task A_reader_that_was_asked_back_and_completed_leaves_nothing_to_the_next_wait()
    {
        var reader = _ring.OpenReader();
        reader.CancelPendingRead();
        reader.Complete();
        reader.CancelPendingRead();
        var wait = _ring.WaitToReadAsync().AsTask();
        Assert.That(wait.IsCompleted, Is.False);
        _program.Write("small");
        Assert.That(await wait.WaitAsync(s_enough), Is.True);
    }

    [Test]
    public async Task A_read_that_waits_ends_with_its_reader_and_the_next_reader_can_wait()
    {
        for (var turn = 0; turn < 100; turn++)
        {
            var reader = _ring.OpenReader();
            var read = reader.ReadAsync().AsTask();
            Assert.That(read.IsCompleted, Is.False);
            reader.Complete();

            var next = _ring.OpenReader();
            var nextRead = next.ReadAsync().AsTask(); // perhaps before the first has heard of its end
            var result = await read.WaitAsync(s_enough);
            Assert.That((result.IsCompleted, result.Buffer.Length), Is.EqualTo((true, 0L)));
            reader.AdvanceTo(result.Buffer.End);
            Assert.That(nextRead.IsCompleted, Is.False);
            _program.Write("small");
            next.AdvanceTo((await nextRead.WaitAsync(s_enough)).Buffer.End);
            next.Complete();
        }

        Assert.That(_ring.PendingBytes, Is.Zero);
    }

    private static int Threads() =>
        Directory.GetDirectories("/proc/self/task").Count(static task => File.ReadAllText(task + "/comm").Trim() == "Datapath epoll");

    private static int Held(string folder) => Directory.GetFiles(folder)
        .Count(static fd => File.ResolveLinkTarget(fd, returnFinalTarget: false)?.FullName.Contains("bpf", StringComparison.Ordinal) is true);

    private static int Mapped() => File.ReadLines("/proc/self/maps").Count(static line => line.Contains("bpf", StringComparison.Ordinal));

    private void OpenWaitAndDispose()
    {
        using var other = BpfRingBuffer.Open(_program.Map("large"));
        var wait = other.WaitToReadAsync().AsTask();
        other.Dispose();
        Assert.That(wait.Wait(s_enough), Is.True);
    }

    private async Task<int> Count(bool isBatch, CancellationToken cancellationToken)
    {
        var count = 0;
        if (isBatch)
        {
            await foreach (var batch in _ring.ReadBatchesAsync<Numbered>(cancellationToken: cancellationToken))
                count += batch.Length;
        }
        else
        {
            await foreach (var record in _ring.ReadAllAsync<Numbered>(cancellationToken))
                count++;
        }

        return count;
    }
}
