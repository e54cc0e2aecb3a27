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
    public void StartLab() => _lab = new(lifetime: DatapathLifetime.Pinned);

    [TearDown]
    public void StopLab() => _lab.Dispose();

    // An eighth of the slots may wait before the kernel is asked for a grace period; all of these changes together leave fewer.
    [Test]
    public void A_range_is_written_once_before_a_grace_period()
    {
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
        Eventually.True(() => _lab.Datapath.GetStatus().IPv4.Slots <= (_lab.Options.MaxSlots / 8) + 128, "slots stay retired");
    }

    private IEnumerable<FrontendValue> Ranges()
    {
        using var map = BpfMap.OpenPinned($"{_lab.Options.BpfRoot}/maps/dp_frontends4");
        return map.AsHash<FrontendKey4, FrontendValue>().ToList().Select(static e => e.Value);
    }
}
