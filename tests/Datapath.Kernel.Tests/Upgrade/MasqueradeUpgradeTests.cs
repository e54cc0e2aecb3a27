using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Masquerade;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>Flows that egress NAT of a release translates, or leaves alone, go on by the programs of today, in whichever of these ways those differ.</summary>
[TestFixtureSource(nameof(Fixtures))]
internal sealed class MasqueradeUpgradeTests(string release, TcMechanism mechanism)
{
    private MasqueradeUpgradeLab _lab = null!;

    [SetUp]
    public void StartRelease() => _lab = new(ReleasedObjects.MasqueradeOf(release), mechanism);

    [TearDown]
    public void StopLab() => _lab.Dispose();

    private static IEnumerable<TestFixtureData> Fixtures()
    {
        foreach (var release in Releases.All)
        {
            yield return new(release, TcMechanism.Any);
            var ofOldKernels = new TestFixtureData(release, TcMechanism.Filter);
            ofOldKernels.Properties.Add("Category", "Load"); // in virtual machines each kernel is tried by its own way
            yield return ofOldKernels;
        }
    }

    [Test]
    public void Flows_go_on_and_their_contents_are_right_there_and_back()
    {
        using var talks = _lab.TalkOn();
        talks.AssertGoOn();
        var before = _lab.Flows();
        Assert.That(before, Has.Length.EqualTo(4));
        for (var i = 0; i < 2; i++)
        {
            _lab.Upgrade();
            talks.AssertGoOn();
            Assert.That(_lab.Flows(), Is.EqualTo(before), "the same addresses and ports");
            _lab.Nat.Masquerade.Apply(MasqueradeUpgradeLab.Rules);
            talks.AssertGoOn();
            _lab.Upgrade(ReleasedObjects.MasqueradeOf(release));
            talks.AssertGoOn();
        }

        Assert.That(_lab.Flows(), Is.EqualTo(before));
    }

    [Test]
    public void Rules_stay_in_force_and_new_flows_follow_them()
    {
        _lab.Upgrade();
        _lab.AssertTranslates();
        _lab.Nat.Masquerade.Apply(MasqueradeUpgradeLab.Rules);
        _lab.AssertTranslates();
    }

    [LoadTest]
    [Test]
    public void Maps_may_have_other_sizes()
    {
        AssertAdopted(
            static () => { },
            MasqueradeObjects.OfPackage.With(static spec =>
            {
                foreach (var name in new[]
                {
                    MasqueradeObject.Counters, MasqueradeObject.Devices, MasqueradeObject.Interfaces, MasqueradeObject.Sources4, MasqueradeObject.Sources6, MasqueradeObject.Destinations4,
                    MasqueradeObject.Destinations6, MasqueradeObject.WatchRing, MasqueradeObject.LogRing,
                })
                {
                    spec.ChangeMap(name, static map => map.MaxEntries *= 2);
                }
            }));
        using var counters = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(_lab.BpfRoot), MasqueradeObject.Counters));
        Assert.That(counters.Info.MaxEntries, Is.EqualTo(2 * Releases.Read(release, "masquerade").Maps[MasqueradeObject.Counters].MaxEntries));
        Assert.That(_lab.Nat.Masquerade.ReadCounters()[nameof(NatCounter.Flows)], Is.GreaterThanOrEqualTo(8), "four before and four after");
    }

    [LoadTest]
    [Test]
    public void Flows_move_to_tables_of_another_size([Values(512, 4096)] int maxFlows)
    {
        using var talks = _lab.TalkOn();
        talks.AssertGoOn();
        var before = _lab.Flows();
        _lab.Nat.Reopen(_lab.Nat.Options with { Objects = MasqueradeObjects.OfPackage, MaxFlows = maxFlows });
        talks.AssertGoOn();
        Assert.That(_lab.Flows(), Is.EqualTo(before));
        _lab.AssertTranslates();
    }

    [LoadTest]
    [Test]
    public void A_map_may_come()
    {
        string[] missing = [MasqueradeObject.Paces, MasqueradeObject.Ports, MasqueradeObject.Listeners];
        AssertAdopted(() => OtherVersion.RemoveMaps(_lab.BpfRoot, missing), MasqueradeObjects.OfPackage);
        Assert.That(PinSnapshot.Maps(_lab.BpfRoot), Is.SupersetOf(missing));
    }

    [LoadTest]
    [Test]
    public void A_map_and_a_link_may_go_and_their_pins_go_too()
    {
        AssertAdopted(
            () =>
            {
                OtherVersion.AddMap(_lab.BpfRoot);
                OtherVersion.AddWalk(_lab.BpfRoot);
            },
            MasqueradeObjects.OfPackage);
        Assert.That(PinSnapshot.Maps(_lab.BpfRoot).Concat(PinSnapshot.Links(_lab.BpfRoot)).Where(static name => name.EndsWith("of_another", StringComparison.Ordinal)), Is.Empty);
    }

    private void AssertAdopted(Action change, MasqueradeObjects objects)
    {
        using var talks = _lab.TalkOn();
        talks.AssertGoOn();
        var before = _lab.Flows();
        _lab.Nat.Masquerade.Dispose();
        change();
        _lab.Upgrade(objects);
        talks.AssertGoOn();
        Assert.That(_lab.Flows(), Is.EqualTo(before));
        _lab.Nat.Masquerade.Apply(MasqueradeUpgradeLab.Rules);
        _lab.AssertTranslates();
        talks.AssertGoOn();
    }
}
