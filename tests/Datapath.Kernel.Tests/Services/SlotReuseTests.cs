using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Slots that a frontend has left are not given away while a program may still be reading them.</summary>
[TestFixture]
internal sealed class SlotReuseTests
{
    private ServiceLab _lab = null!;

    [SetUp]
    public void StartLab() => Start(TimeProvider.System);

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private void Start(TimeProvider time) => _lab = new(servers: 2, options => options with { Lifetime = DatapathLifetime.Pinned, Time = time });

    private void StartWithoutRests()
    {
        _lab.Dispose();
        Start(new StoppedTime());
    }

    // An eighth of the slots may wait before the kernel is asked for a grace period at once; all of these changes together leave fewer.
    [Test]
    public void A_range_is_written_once_before_a_grace_period()
    {
        StartWithoutRests();
        var used = new Dictionary<int, int>();
        for (var change = 0; change < 60; change++)
        {
            if (change % 5 == 4)
                _ = _lab.Remove(1);
            else
                _ = _lab.Apply(ServiceLab.Service(1, change % 2 == 0 ? [2] : [2, 3, 4]));
            foreach (var range in Ranges())
            {
                for (var slot = range.First; slot < range.First + Math.Max(range.Count, 1); slot++)
                    Assert.That(used.TryAdd(slot, change), Is.True, $"change {change}: slot {slot} was taken in change {used[slot]}");
            }
        }

        Assert.That(used, Has.Count.InRange(500, _lab.Options.MaxSlots / 8));
    }

    [Test]
    [LoadTest]
    public void After_a_grace_period_slots_come_back()
    {
        for (var change = 0; change < 2000; change++)
            Assert.That(_lab.Apply(ServiceLab.Service(1, change % 2 == 0 ? [2, 3] : [3, 2, 4])).Failures, Is.Empty);
        Eventually.True(() => _lab.Datapath.GetStatus().IPv4.RetiredSlots == 0, "slots stay retired");
    }

    [Test]
    public void Few_slots_come_back_without_another_change()
    {
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3));
        Eventually.True(() => _lab.Datapath.GetStatus().IPv4.RetiredSlots == 0, "slots stay retired");
    }

    [Test]
    public void What_waits_to_be_reused_is_not_in_use()
    {
        StartWithoutRests();
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3));
        var (status, fill) = (_lab.Datapath.GetStatus().IPv4, _lab.Datapath.ReadMapFill());
        for (var change = 0; change < 10; change++)
            _ = _lab.Apply(ServiceLab.Service(1, change % 2 == 0 ? [2] : [2, 3]));
        Assert.That(_lab.Datapath.GetStatus().IPv4, Is.EqualTo(status with { RetiredSlots = _lab.Datapath.GetStatus().IPv4.RetiredSlots }));
        Assert.That(_lab.Datapath.ReadMapFill(), Is.EqualTo(fill));
        Assert.That(_lab.Datapath.GetStatus().IPv4.RetiredSlots, Is.GreaterThan(status.Slots));
        _lab.Reopen();
        Assert.That(_lab.Datapath.GetStatus().IPv4, Is.EqualTo(status), "nobody can be reading what an earlier process replaced");
    }

    private IEnumerable<FrontendValue> Ranges()
    {
        using var map = BpfMap.OpenPinned($"{_lab.Options.BpfRoot}/maps/dp_frontends4");
        return map.AsHash<FrontendKey4, FrontendValue>().ToList().Select(static e => e.Value);
    }
}
