using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Services;

/// <summary>What happens around a datapath while it runs: its cgroup, its pins or their filesystem are taken away.</summary>
[TestFixture]
[LoadTest]
internal sealed class FaultTests
{
    private ServiceLab _lab = null!;

    private string Root => _lab.Options.BpfRoot;

    [SetUp]
    public void StartLab()
    {
        _lab = new(lifetime: DatapathLifetime.Pinned);
        _ = _lab.Apply(ServiceLab.Service(1, 2));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void There_are_none_at_first() => Assert.That(_lab.Datapath.FindFaults(), Is.Empty);

    [Test]
    public void Pins_that_were_deleted_are_told_and_services_go_on()
    {
        File.Delete(Path.Combine(PinFolder.LinksOf(Root), "dp_connect4"));
        File.Delete(Path.Combine(PinFolder.MapsOf(Root), "dp_slots6"));
        Assert.That(_lab.Datapath.FindFaults(), Is.EqualTo(new[]
        {
            $"pins in '{Root}' are gone (dp_slots6, dp_connect4): the state will not survive this process; start it again",
        }));
        _lab.Pods[1].Run(() => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2")));
    }

    [Test]
    public void A_folder_that_was_deleted_is_told_and_changes_still_come_in()
    {
        Directory.Delete(Root, recursive: true);
        Assert.That(_lab.Datapath.FindFaults().Single(), Does.StartWith($"the pins in '{Root}' are gone (deleted, unmounted, or another filesystem"));
        _ = _lab.Apply(ServiceLab.Service(1, 3));
        _lab.Pods[1].Run(() => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod3")));
    }

    [Test]
    public void A_filesystem_mounted_over_the_pins_is_told() => MountSandbox.Run(() =>
    {
        MountSandbox.MountBpf(Root);
        try
        {
            Assert.That(_lab.Datapath.FindFaults().Single(), Does.StartWith($"the pins in '{Root}' are gone"));
        }
        finally
        {
            MountSandbox.UnmountAll(Root);
        }

        Assert.That(_lab.Datapath.FindFaults(), Is.Empty);
    });

    [Test]
    public void A_cgroup_that_was_removed_is_told()
    {
        var child = Cgroup.Open(_lab.CgroupPath).CreateChild("served");
        using var pins = new TestPins();
        using var datapath = LinuxDatapath.Open(_lab.Options with { CgroupRoot = child.Path, BpfRoot = pins.Path });
        child.Delete();
        Eventually.True(() => !datapath.FindFaults().IsEmpty, "the links keep the cgroup");
        string[] expected = [$"cgroup '{child.Path}' was removed: its programs serve nobody; start again with one that is there"];
        Assert.That(datapath.FindFaults(), Is.EqualTo(expected));
        Assert.That(datapath.SelfTest().ToString(), Is.EqualTo($"attached but not effective: {expected[0]}"));
        Assert.That(datapath.Apply(new([ServiceLab.Service(1, 2)], [])).Failures, Is.Empty);
    }

    [Test]
    public void The_next_start_makes_the_pins_that_are_missing_anew()
    {
        _lab.Datapath.Dispose();
        foreach (var name in new[] { "dp_affinity", "dp_sets", "dp_state" })
            File.Delete(Path.Combine(PinFolder.MapsOf(Root), name));
        File.Delete(Path.Combine(PinFolder.LinksOf(Root), "dp_sendmsg6"));
        _lab.Reopen();
        Assert.That(_lab.Datapath.FindFaults(), Is.Empty);
        _ = _lab.Apply(ServiceLab.Service(1, 3));
        _lab.Pods[1].Run(() => Assert.That(Dial.Udp(ServiceLab.ServiceV6()).Pod, Is.EqualTo("pod3")));
    }

    [Test]
    public void Frontends_whose_slots_are_gone_are_refused_with_what_to_do()
    {
        _lab.Datapath.Dispose();
        File.Delete(Path.Combine(PinFolder.MapsOf(Root), "dp_slots4"));
        Assert.That(
            Assert.Throws<IncompatibleStateException>(() => LinuxDatapath.Open(_lab.Options))!.Message,
            Does.Match(@"^map 'dp_frontends4': 10\.96\.0\.1:80/(TCP|UDP) refers to slots that it cannot have; uninstall, then start again$"));
    }

    [Test]
    public void A_second_instance_in_another_process_is_refused_with_the_owner()
    {
        var said = VictimProcess.ErrorOf(_lab.Options);
        Assert.That(said, Does.Contain(
            $"process {Environment.ProcessId} already manages '{Root}'; stop it, or give this one a bpfRoot of its own"));
    }
}
