using Datapath.BpfObjects;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;
using Datapath.Linux.Services;

namespace Datapath.Kernel.Tests.Upgrade;

/// <summary>In which ways pins of a release may differ from what is wanted now, and are taken over all the same. The differences are made.</summary>
[TestFixtureSource(typeof(Releases), nameof(Releases.All))]
[LoadTest]
internal sealed class ServiceAdoptionTests(string release)
{
    private UpgradeLab _lab = null!;

    [SetUp]
    public void StartRelease() => _lab = new(ReleasedObjects.ServicesOf(release));

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Maps_may_have_other_sizes()
    {
        AssertAdopted(SocketLbObjects.OfPackage.With(static spec =>
        {
            foreach (var name in new[] { SocketLbObject.Counters, SocketLbObject.Sets, SocketLbObject.Clients, SocketLbObject.Exemptions, SocketLbObject.Ranges4, SocketLbObject.Ranges6 })
                spec.ChangeMap(name, static map => map.MaxEntries *= 2);
        }));
        using var counters = BpfMap.OpenPinned(Path.Combine(PinFolder.MapsOf(_lab.BpfRoot), SocketLbObject.Counters));
        Assert.That(counters.Info.MaxEntries, Is.EqualTo(2 * Releases.Read(release, "socket_lb").Maps[SocketLbObject.Counters].MaxEntries));
    }

    [Test]
    public void A_map_may_come()
    {
        string[] missing = [SocketLbObject.Failed, SocketLbObject.Trace, SocketLbObject.Exemptions];
        _lab.Services.Datapath.Dispose();
        OtherVersion.RemoveMaps(_lab.BpfRoot, missing);
        AssertAdopted(SocketLbObjects.OfPackage);
        Assert.That(PinSnapshot.Maps(_lab.BpfRoot), Is.SupersetOf(missing));
    }

    [Test]
    public void A_map_may_go_and_its_pin_goes_too()
    {
        _lab.Services.Datapath.Dispose();
        OtherVersion.AddMap(_lab.BpfRoot);
        AssertAdopted(SocketLbObjects.OfPackage);
        Assert.That(PinSnapshot.Maps(_lab.BpfRoot), Does.Not.Contain(OtherVersion.Map));
    }

    [Test]
    public void A_program_may_come()
    {
        _lab.Upgrade(ReleasedObjects.ServicesOf(release).With(WithoutNames));
        Assert.That(PinSnapshot.Links(_lab.BpfRoot), Does.Not.Contain("dp_getpeername4"));
        AssertAdopted(SocketLbObjects.OfPackage);
        Assert.That(PinSnapshot.Links(_lab.BpfRoot), Does.Contain("dp_getpeername4"));
    }

    [Test]
    public void A_program_may_go()
    {
        using (var dialers = _lab.DialOn())
        {
            UpgradeLab.AssertGoOn(dialers);
            _lab.Upgrade(SocketLbObjects.OfPackage.With(WithoutNames));
            UpgradeLab.AssertGoOn(dialers);
            UpgradeLab.AssertAllReached(dialers);
        }

        Assert.That(PinSnapshot.Links(_lab.BpfRoot), Does.Not.Contain("dp_getpeername4"));
        Assert.That(CgroupPrograms.Count(Cgroup.Open(_lab.Services.CgroupPath)), Is.EqualTo(PinSnapshot.Links(_lab.BpfRoot).Length));
    }

    [Test]
    public void Links_of_any_kind_may_go()
    {
        _lab.Services.Datapath.Dispose();
        OtherVersion.AddLinks(_lab.BpfRoot, _lab.Services.CgroupPath);
        AssertAdopted(SocketLbObjects.OfPackage);
        Assert.That(PinSnapshot.Links(_lab.BpfRoot).Where(static name => name.EndsWith("of_another", StringComparison.Ordinal)), Is.Empty);
        Assert.That(CgroupPrograms.Count(Cgroup.Open(_lab.Services.CgroupPath)), Is.EqualTo(PinSnapshot.Links(_lab.BpfRoot).Length));
    }

    [Test]
    public void The_layout_may_be_lower_and_is_raised()
    {
        _lab.Services.Datapath.Dispose();
        OtherVersion.SetLayout(_lab.BpfRoot, SocketLbObject.State, 1);
        AssertAdopted(SocketLbObjects.OfPackage);
        using var state = StateMap.OpenPinned(_lab.BpfRoot);
        Assert.That(state.Value.LayoutVersion, Is.EqualTo((uint)LayoutVersion.Version));
    }

    private static void WithoutNames(BpfObjectSpec spec)
    {
        foreach (var program in spec.Programs.Values.Where(static program => program.Name is "dp_getpeername4" or "dp_getpeername6"))
            program.IsEnabled = false;
    }

    private void AssertAdopted(SocketLbObjects objects)
    {
        using (var dialers = _lab.DialOn())
        {
            UpgradeLab.AssertGoOn(dialers);
            _lab.Upgrade(objects);
            UpgradeLab.AssertGoOn(dialers);
            UpgradeLab.AssertAllReached(dialers);
        }

        var result = _lab.Services.Datapath.Replace(UpgradeLab.State);
        Assert.That((result.FrontendsWritten, result.FrontendsRemoved, result.Failures.Length), Is.EqualTo((0, 0, 0)));
        _lab.AssertVerified(UpgradeLab.State);
        _lab.AssertServes();
    }
}
