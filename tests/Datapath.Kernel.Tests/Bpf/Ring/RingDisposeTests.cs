using System.Runtime.CompilerServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>Rings that one thread disposes while another uses them: an access of memory that is gone would end the process.</summary>
[TestFixture]
[LoadTest]
internal sealed class RingDisposeTests
{
    private const int Turns = 3000;

    [Test]
    public void A_ring_can_be_disposed_while_a_thread_reads_it()
    {
        using var program = new RingProgram();
        program.Write("large", count: 4);
        AssertEndsWithDispose(() => BpfRingBuffer.Open(program.Map("large")), static ring =>
        {
            if (ring.TryRead(out var record))
                _ = record[^1];
        });
    }

    [Test]
    public void A_ring_can_be_disposed_while_a_thread_looks_for_records()
    {
        using var map = BpfMap.Create(MapSpec.RingBuffer("empty", RingProgram.SmallSize));
        AssertEndsWithDispose(() => BpfRingBuffer.Open(map), static ring => ring.TryRead(out _));
    }

    [Test]
    public void A_ring_can_be_disposed_while_a_thread_looks_how_full_it_is()
    {
        using var map = BpfMap.Create(MapSpec.RingBuffer("empty", RingProgram.SmallSize));
        AssertEndsWithDispose(() => BpfRingBuffer.Open(map), static ring => _ = ring.PendingBytes);
    }

    [Test]
    public void A_ring_can_be_disposed_while_a_thread_writes_to_it()
    {
        using var map = BpfMap.Create(MapSpec.UserRingBuffer("commands", RingProgram.SmallSize));
        AssertEndsWithDispose(() => BpfUserRingBuffer.Open(map), static ring => ring.TryWrite(1UL));
    }

    [Test]
    public void A_record_stays_readable_after_dispose_until_the_next_call()
    {
        using var program = new RingProgram();
        program.Write("small");
        var ring = BpfRingBuffer.Open(program.Map("small"));
        Assert.That(ring.TryRead(out var record), Is.True);
        ring.Dispose();
        Assert.That(BitConverter.ToUInt64(record), Is.Zero);
        Assert.That(ring.Advance, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => ring.TryRead(out _), Throws.TypeOf<ObjectDisposedException>());
        using var next = BpfRingBuffer.Open(program.Map("small"));
        Assert.That(next.Drain(static _ => { }), Is.EqualTo(1), "it was not passed");
    }

    [Test]
    public void The_memory_goes_when_the_last_use_ends()
    {
        using var program = new RingProgram();
        program.Write("small");
        CollectGarbage();
        var before = Mapped();
        var ring = BpfRingBuffer.Open(program.Map("small"));
        Assert.That(ring.TryRead(out _), Is.True);
        ring.Dispose();
        Assert.That(Mapped(), Is.GreaterThan(before));
        Assert.That(ring.Advance, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(Mapped(), Is.EqualTo(before));
    }

    [Test]
    public void A_ring_that_waited_and_is_not_disposed_goes_with_the_garbage()
    {
        using var map = BpfMap.Create(MapSpec.RingBuffer("empty", RingProgram.SmallSize));
        CollectGarbage();
        var before = (Mapped(), Descriptors());
        for (var turn = 0; turn < 3; turn++)
        {
            WaitAndForget(map, before.Item1); // each is known to the epoll under the number of the last: it must have left
            CollectGarbage();
            Assert.That((Mapped(), Descriptors()), Is.EqualTo(before));
        }
    }

    [Test]
    public async Task A_wait_keeps_its_ring()
    {
        using var program = new RingProgram();
        var (wait, forgotten) = WaitAndForgetRing(program.Map("small"));
        CollectGarbage();
        Assert.That(wait.IsCompleted, Is.False);
        program.Write("small");
        Assert.That(await wait.WaitAsync(TimeSpan.FromSeconds(60)), Is.True);
        if (forgotten.TryGetTarget(out var ring))
            ring.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WaitAndForget(BpfMap map, int mappedBefore)
    {
        using var stop = new CancellationTokenSource();
        var ring = BpfRingBuffer.Open(map);
        var wait = ring.WaitToReadAsync(stop.Token).AsTask();
        Assert.That(wait.IsCompleted, Is.False);
        stop.Cancel();
        Assert.That(() => wait.Wait(TimeSpan.FromSeconds(20)), Throws.InstanceOf<AggregateException>());
        Assert.That(Mapped(), Is.GreaterThan(mappedBefore));
        GC.KeepAlive(ring); // a collection may come at any time
    }

    private static void CollectGarbage()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Task<bool> Wait, WeakReference<BpfRingBuffer> Ring) WaitAndForgetRing(BpfMap map)
    {
        var ring = BpfRingBuffer.Open(map);
        return (ring.WaitToReadAsync().AsTask(), new(ring));
    }

    private static int Descriptors() => Directory.GetFiles("/proc/self/fd")
        .Count(static fd => File.ResolveLinkTarget(fd, returnFinalTarget: false)?.FullName.Contains("bpf", StringComparison.Ordinal) is true);

    private static int Mapped() => File.ReadLines("/proc/self/maps").Count(static line => line.Contains("bpf", StringComparison.Ordinal));

    private static void AssertEndsWithDispose<T>(Func<T> open, Action<T> use)
        where T : class, IDisposable
    {
        using var turn = new Barrier(2);
        T ring = null!;
        Exception? failure = null;
        var user = new Thread(() =>
        {
            for (var i = 0; i < Turns; i++)
            {
                turn.SignalAndWait();
                try
                {
                    while (true)
                        use(ring);
                }
                catch (ObjectDisposedException)
                {
                }
                catch (Exception e)
                {
                    failure = e;
                }

                turn.SignalAndWait();
            }
        });
        user.Start();
        for (var i = 0; i < Turns; i++)
        {
            ring = open();
            turn.SignalAndWait();
            Thread.SpinWait(i % 200);
            ring.Dispose();
            turn.SignalAndWait();
        }

        user.Join();
        Assert.That(failure, Is.Null);
    }
}
