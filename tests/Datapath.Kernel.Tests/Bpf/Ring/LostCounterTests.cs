using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Bpf.Ring;

namespace Datapath.Kernel.Tests.Bpf.Ring;

/// <summary>What programs could not put into a ring.</summary>
[TestFixture]
internal sealed class LostCounterTests
{
    private BpfMap _map = null!;
    private BpfPerCpuArray<ulong> _counts = null!;

    [SetUp]
    public void Create()
    {
        _map = BpfMap.Create(MapSpec.PerCpuArray<ulong>("lost", 1));
        _counts = _map.AsPerCpuArray<ulong>();
    }

    [TearDown]
    public void Close() => _map.Dispose();

    [Test]
    [LoadTest]
    public void Callers_at_the_same_time_take_each_event_once()
    {
        const ulong events = 100_000;
        var counter = LostCounter.Of(_map);
        var isOver = false;
        var takers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var taken = new List<ulong>();
                while (!Volatile.Read(ref isOver))
                    taken.Add(counter.TakeNew());
                return taken;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        for (var count = 1UL; count <= events; count++)
            Set(count);
        Volatile.Write(ref isOver, true);
        var all = takers.SelectMany(static t => t.Result).Append(counter.TakeNew()).ToList();
        Assert.That(all.Max(), Is.LessThanOrEqualTo(events));
        Assert.That(all.Aggregate(0UL, static (sum, taken) => sum + taken), Is.EqualTo(events));
    }

    [Test]
    public void A_count_that_somebody_sets_back_is_no_loss()
    {
        var counter = LostCounter.Of(_map);
        Set(5);
        Assert.That(counter.TakeNew(), Is.EqualTo(5));
        Set(2);
        Assert.That(counter.TakeNew(), Is.Zero);
        Set(3);
        Assert.That(counter.TakeNew(), Is.EqualTo(1));
    }

    private void Set(ulong count)
    {
        var values = new ulong[_counts.ValuesPerElement];
        values[0] = count;
        _counts.Set(0, values);
    }
}
