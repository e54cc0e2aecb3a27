using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Datapaths with pin folders of their own that mean one cgroup, or one above or below: each goes on, and the others are told.</summary>
[TestFixture]
[LoadTest]
internal sealed class OtherDatapathTests
{
    private ServiceLab _lab = null!;
    private TestPins _pins = null!;

    private LinuxDatapathOptions Pinned => _lab.Options with { Lifetime = DatapathLifetime.Pinned };

    private LinuxDatapathOptions PinnedElsewhere => Pinned with { BpfRoot = _pins.Path };

    [SetUp]
    public void StartLab()
    {
        _lab = new(servers: 2);
        _lab.Datapath.Dispose();
        _pins = new();
    }

    [TearDown]
    public void StopLab()
    {
        _pins.Dispose();
        _lab.Dispose();
    }

    private int Programs() => CgroupPrograms.Count(Cgroup.Open(_lab.CgroupPath));

    private static FeatureStatus Balancing(LinuxDatapath datapath) => datapath.GetStatus().Features.Single(static feature => feature.Name == "socket load balancing");

    [Test]
    public void Beside_one_that_a_process_manages_another_starts_and_both_say_so([Values] DatapathLifetime lifetime)
    {
        using var first = LinuxDatapath.Open(Pinned);
        Assert.That(first.Apply(new([ServiceLab.Service(1, 2)], [])).Failures, Is.Empty);
        var log = new LogLines();
        using var second = LinuxDatapath.Open(PinnedElsewhere with { Lifetime = lifetime }, log);
        var ofFirst = $"a datapath of process {Environment.ProcessId}, with pins in '{Pinned.BpfRoot}', serves it too";
        var ofSecond = lifetime is DatapathLifetime.Pinned ? $"a datapath of process {Environment.ProcessId}, with pins in '{_pins.Path}', serves it too" : $"a datapath of process {Environment.ProcessId} serves it too";
        const string Order = "where both have a service, the one that was attached first goes first";
        Assert.That(log.Bad, Is.EqualTo(new[] { $"Cgroup {_lab.CgroupPath} has another datapath, and {Order}: {ofFirst}" }));
        Assert.That(Balancing(second), Is.EqualTo(new FeatureStatus("socket load balancing", FeatureState.On, $"10 programs at cgroup '{_lab.CgroupPath}'; {ofFirst}; {Order}")));
        Assert.That(Balancing(first), Is.EqualTo(new FeatureStatus("socket load balancing", FeatureState.On, $"10 programs at cgroup '{_lab.CgroupPath}'; {ofSecond}; {Order}")));
        Assert.That(Programs(), Is.EqualTo(20));
        _lab.Pods[1].Run(static () => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2")));
    }

    [Test]
    public void What_a_process_left_in_another_folder_is_told_until_it_is_removed([Values] DatapathLifetime lifetime)
    {
        using (var left = LinuxDatapath.Open(Pinned))
            Assert.That(left.Apply(new([ServiceLab.Service(1, 2)], [])).Failures, Is.Empty);
        var log = new LogLines();
        using var datapath = LinuxDatapath.Open(PinnedElsewhere with { Lifetime = lifetime }, log);
        var other = $"a datapath that no process manages serves it too, with pins in '{Pinned.BpfRoot}', by what it was told last; to remove it: datapath-agent uninstall --bpf-root {Pinned.BpfRoot}";
        Assert.That(log.Bad, Is.EqualTo(new[] { $"Cgroup {_lab.CgroupPath} has another datapath, and where both have a service, the one that was attached first goes first: {other}" }));
        Assert.That(Balancing(datapath), Is.EqualTo(new FeatureStatus(
            "socket load balancing", FeatureState.NotEffective, $"10 programs at cgroup '{_lab.CgroupPath}'; {other}; where both have a service, the one that was attached first goes first")));
        Assert.That(datapath.FindFaults(), Is.EqualTo(new[] { $"cgroup '{_lab.CgroupPath}': {other}" }));
        Assert.That(datapath.Apply(new([ServiceLab.Service(1, 3)], [])).Failures, Is.Empty);
        _lab.Pods[1].Run(static () => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2"), "the one that was there first"));
        Assert.That(PinnedDatapath.Uninstall(Pinned.BpfRoot), Is.True);
        Assert.That(datapath.FindFaults(), Is.Empty);
        _lab.Pods[1].Run(static () => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod3")));
        Assert.That(Balancing(datapath), Is.EqualTo(new FeatureStatus("socket load balancing", FeatureState.On, $"10 programs at cgroup '{_lab.CgroupPath}'")));
    }

    [Test]
    public void A_lock_of_somebody_else_on_the_cgroup_does_not_make_a_process_of_what_was_left()
    {
        LinuxDatapath.Open(Pinned).Dispose();
        var log = new LogLines();
        using (PinFolder.TryLock(_lab.CgroupPath))
        using (LinuxDatapath.Open(_lab.Options, log))
        {
            Assert.That(log.Bad, Has.One.StartsWith($"Somebody has locked cgroup {_lab.CgroupPath} who is no datapath"));
            Assert.That(log.Bad, Has.One.StartsWith($"Cgroup {_lab.CgroupPath} has another datapath"));
        }
    }

    [Test]
    public void What_a_manager_that_was_killed_leaves_is_taken_over_or_told()
    {
        using (var victim = new VictimProcess(Pinned, version: 0))
        {
            victim.WaitFor("ready");
            using (var beside = LinuxDatapath.Open(PinnedElsewhere))
                Assert.That(Balancing(beside).Reason, Does.Contain($"a datapath of process {victim.Id}, with pins in '{Pinned.BpfRoot}', serves it too"));
            victim.Kill();
        }

        var log = new LogLines();
        using (LinuxDatapath.Open(PinnedElsewhere, log))
            Assert.That(log.Bad, Has.One.Contains($"with pins in '{Pinned.BpfRoot}'"));
        Assert.That(PinnedDatapath.Uninstall(_pins.Path), Is.True);
        log = new();
        using (LinuxDatapath.Open(Pinned, log))
            Assert.That(log.Bad, Is.Empty, "what it takes over is no other");
    }

    [Test]
    public void A_process_that_takes_the_place_of_another_meets_its_folder_alone()
    {
        var current = LinuxDatapath.Open(Pinned);
        for (var i = 0; i < 10; i++)
        {
            var leaving = current;
            using var go = new ManualResetEventSlim();
            var leave = Task.Run(() =>
            {
                go.Wait();
                leaving.Dispose();
            });
            current = null!;
            while (current is null)
            {
                try
                {
                    go.Set();
                    var log = new LogLines();
                    current = LinuxDatapath.Open(Pinned, log);
                    Assert.That(log.Bad, Is.Empty);
                }
                catch (DatapathInUseException e)
                {
                    Assert.That(e.Place, Is.EqualTo(Pinned.BpfRoot));
                }
            }

            leave.Wait();
        }

        current.Dispose();
    }

    [Test]
    public void One_above_and_one_below_are_told_and_keep_nobody_from_serving()
    {
        var outer = Cgroup.Open(_lab.CgroupPath);
        var inner = outer.CreateChild("inner");
        try
        {
            var log = new LogLines();
            using var above = LinuxDatapath.Open(Pinned, log);
            using (var below = LinuxDatapath.Open(PinnedElsewhere with { CgroupRoot = inner.Path }, log))
            {
                Assert.That(log.Bad, Is.Empty);
                Assert.That(Balancing(above), Is.EqualTo(new FeatureStatus("socket load balancing", FeatureState.On,
                    $"10 programs at cgroup '{outer}'; a datapath of process {Environment.ProcessId}, with pins in '{_pins.Path}', serves '{inner}' below it")));
                Assert.That(Balancing(below), Is.EqualTo(new FeatureStatus("socket load balancing", FeatureState.On,
                    $"10 programs at cgroup '{inner}'; a datapath of process {Environment.ProcessId}, with pins in '{Pinned.BpfRoot}', serves '{outer}' above it")));
            }

            Assert.That(Balancing(above).Reason, Does.EndWith($"; to remove it: datapath-agent uninstall --bpf-root {_pins.Path}"));
            Assert.That(PinnedDatapath.Uninstall(_pins.Path), Is.True);
        }
        finally
        {
            inner.Delete();
        }
    }
}
