using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Datapaths with pin folders of their own that mean one cgroup: one process at a time serves it, and what a process left there, above or below is told.</summary>
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
    public void Beside_one_that_a_process_manages_none_starts_and_it_is_told_which_one_that_is([Values] DatapathLifetime lifetime)
    {
        using var first = LinuxDatapath.Open(Pinned);
        Assert.That(first.Apply(new([ServiceLab.Service(1, 2)], [])).Failures, Is.Empty);
        var thrown = Assert.Throws<DatapathInUseException>(() => LinuxDatapath.Open(PinnedElsewhere with { Lifetime = lifetime }));
        Assert.That((thrown!.Place, thrown.OwnerPid), Is.EqualTo((_lab.CgroupPath, (uint)Environment.ProcessId)));
        Assert.That(thrown.Message, Is.EqualTo(
            $"process {Environment.ProcessId} already serves cgroup '{_lab.CgroupPath}' with pins in '{Pinned.BpfRoot}'; stop it, or give this one a cgroupRoot of its own; "
            + $"to take its place, stop it and set bpfRoot to '{Pinned.BpfRoot}'"));
        Assert.That(Programs(), Is.EqualTo(10));
        _lab.Pods[1].Run(static () => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2")));
    }

    [Test]
    public void Beside_one_that_lives_with_its_process_none_that_is_pinned_starts()
    {
        using var first = LinuxDatapath.Open(_lab.Options);
        Assert.That(
            () => LinuxDatapath.Open(Pinned),
            Throws.TypeOf<DatapathInUseException>().With.Message.EqualTo(
                $"process {Environment.ProcessId} already serves cgroup '{_lab.CgroupPath}' for as long as it runs; stop it, or give this one a cgroupRoot of its own"));
        Assert.That(Programs(), Is.EqualTo(10));
    }

    [Test]
    public void Beside_one_of_a_version_that_locks_its_folder_alone_none_starts()
    {
        LinuxDatapath.Open(Pinned).Dispose();
        using (PinFolder.TryLock(Pinned.BpfRoot))
            Assert.That(() => LinuxDatapath.Open(PinnedElsewhere), Throws.TypeOf<DatapathInUseException>().With.Message.Contains($"with pins in '{Pinned.BpfRoot}'; stop it"));
        LinuxDatapath.Open(PinnedElsewhere).Dispose();
    }

    [Test]
    public void What_a_process_left_in_another_folder_is_told_until_it_is_removed([Values] DatapathLifetime lifetime)
    {
        using (var left = LinuxDatapath.Open(Pinned))
            Assert.That(left.Apply(new([ServiceLab.Service(1, 2)], [])).Failures, Is.Empty);
        var log = new LogLines();
        using var datapath = LinuxDatapath.Open(PinnedElsewhere with { Lifetime = lifetime }, log);
        var other = $"a datapath that no process manages serves it too, with pins in '{Pinned.BpfRoot}', by what it was told last; to remove it: datapath-agent uninstall --bpf-root {Pinned.BpfRoot}";
        Assert.That(log.Bad, Is.EqualTo(new[] { $"Cgroup {_lab.CgroupPath} has another datapath, which goes first where both have a service: {other}" }));
        Assert.That(Balancing(datapath), Is.EqualTo(new FeatureStatus(
            "socket load balancing", FeatureState.NotEffective, $"10 programs at cgroup '{_lab.CgroupPath}'; {other}; where both have a service, that one goes first")));
        Assert.That(datapath.Apply(new([ServiceLab.Service(1, 3)], [])).Failures, Is.Empty);
        _lab.Pods[1].Run(static () => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2"), "the one that was there first"));
        Assert.That(PinnedDatapath.Uninstall(Pinned.BpfRoot), Is.True);
        _lab.Pods[1].Run(static () => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod3")));
        Assert.That(Balancing(datapath), Is.EqualTo(new FeatureStatus("socket load balancing", FeatureState.On, $"10 programs at cgroup '{_lab.CgroupPath}'")));
    }

    [Test]
    public void A_lock_of_somebody_else_on_the_cgroup_does_not_make_a_process_of_what_was_left()
    {
        LinuxDatapath.Open(Pinned).Dispose();
        var log = new LogLines();
        using (PinFolder.TryLock(_lab.CgroupPath))
        using (LinuxDatapath.Open(PinnedElsewhere, log))
        {
            Assert.That(log.Bad, Has.One.StartsWith($"Somebody has locked cgroup {_lab.CgroupPath} who is no datapath"));
            Assert.That(log.Bad, Has.One.StartsWith($"Cgroup {_lab.CgroupPath} has another datapath"));
        }
    }

    [Test]
    public void A_manager_that_was_killed_stands_in_nobodys_way()
    {
        using (var victim = new VictimProcess(Pinned, version: 0))
        {
            victim.WaitFor("ready");
            Assert.That(
                () => LinuxDatapath.Open(PinnedElsewhere),
                Throws.TypeOf<DatapathInUseException>().With.Property(nameof(DatapathInUseException.OwnerPid)).EqualTo((uint)victim.Id).And.Message.Contains($"with pins in '{Pinned.BpfRoot}'"));
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
