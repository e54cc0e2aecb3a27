using System.Runtime.CompilerServices;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>A ring has one reader: a second one in this process is refused until the first has ended.</summary>
[TestFixture]
[LoadTest]
internal sealed class RingClaimTests
{
    private BpfMap _map = null!;

    [SetUp]
    public void MakeRing() => _map = BpfMap.Create(MapSpec.RingBuffer("events", RingProgram.SmallSize));

    [TearDown]
    public void CloseRing() => _map.Dispose();

    [Test]
    public void A_second_reader_is_refused_until_the_first_is_disposed()
    {
        using (BpfRingBuffer.Open(_map))
            AssertIsRead(_map);
        AssertIsFree();
    }

    [Test]
    public void Another_descriptor_is_the_same_ring_and_another_map_is_not()
    {
        using var ring = BpfRingBuffer.Open(_map);
        using var again = BpfMap.OpenById(_map.Info.Id);
        AssertIsRead(again);
        using var other = BpfMap.Create(MapSpec.RingBuffer("events", RingProgram.SmallSize));
        BpfRingBuffer.Open(other).Dispose();
    }

    [Test]
    public void A_pipe_reads_on_after_its_ring_is_disposed_and_keeps_others_out()
    {
        var ring = BpfRingBuffer.Open(_map);
        var pipe = ring.OpenReader();
        ring.Dispose();
        AssertIsRead(_map);
        pipe.Complete();
        AssertIsFree();
    }

    [Test]
    public async Task An_enumeration_keeps_others_out_until_it_ends()
    {
        var ring = BpfRingBuffer.Open(_map);
        var records = ring.ReadAllAsync<ulong>().GetAsyncEnumerator();
        var next = records.MoveNextAsync();
        Assert.That(() => ring.OpenReader(), Throws.InvalidOperationException.With.Message.Contains("a ring has one reader at a time"));
        ring.Dispose();
        Assert.That(await next.AsTask().WaitAsync(TimeSpan.FromSeconds(60)), Is.False);
        await records.DisposeAsync();
        AssertIsFree();
    }

    [Test]
    public void Disposing_an_old_reader_again_does_not_free_the_ring_of_the_new_one()
    {
        var old = BpfRingBuffer.Open(_map);
        old.Dispose();
        using var ring = BpfRingBuffer.Open(_map);
        old.Dispose();
        AssertIsRead(_map);
    }

    [Test]
    public void A_ring_that_could_not_be_opened_is_free()
    {
        using (var closed = BpfMap.OpenById(_map.Info.Id))
        {
            closed.Dispose();
            Assert.That(() => BpfRingBuffer.Open(closed), Throws.TypeOf<ObjectDisposedException>());
        }

        AssertIsFree();
    }

    [Test]
    public void A_forgotten_reader_goes_with_the_garbage()
    {
        OpenAndForget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        AssertIsFree();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OpenAndForget() => _ = BpfRingBuffer.Open(_map).PendingBytes;

    private void AssertIsFree()
    {
        using var ring = BpfRingBuffer.Open(_map);
        Assert.That(ring.TryRead(out _), Is.False);
    }

    private static void AssertIsRead(BpfMap map) => Assert.That(
        () => BpfRingBuffer.Open(map),
        Throws.InvalidOperationException.With.Message.StartsWith("map 'events' is being read by another BpfRingBuffer of this process").And.Message.Contains("one reader at a time"));
}
