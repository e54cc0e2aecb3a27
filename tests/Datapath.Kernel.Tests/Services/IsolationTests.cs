using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Services;

/// <summary>Several datapaths, several managers.</summary>
[TestFixture]
[LoadTest]
internal sealed class IsolationTests
{
    [Test]
    public void A_second_manager_of_the_same_folder_is_refused_and_told_who_is_first() => RunLab(static lab =>
    {
        _ = lab.Apply(ServiceLab.Service(1, 2));
        var thrown = Assert.Throws<DatapathInUseException>(() => LinuxDatapath.Open(lab.Options));
        Assert.That(thrown!.OwnerPid, Is.EqualTo(Environment.ProcessId));
        Assert.That(thrown.Place, Is.EqualTo(lab.Options.BpfRoot));
        Assert.That(thrown.Message, Does.StartWith($"process {Environment.ProcessId} already manages '{lab.Options.BpfRoot}'"));
        Assert.That(() => PinnedDatapath.Uninstall(lab.Options.BpfRoot), Throws.TypeOf<DatapathInUseException>());
        lab.Pods[1].Run(() => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2")));
        _ = lab.Apply(ServiceLab.Service(1, 3));
    });

    [Test]
    public void When_the_first_manager_ends_the_second_may_start() => RunLab(static lab =>
    {
        lab.Datapath.Dispose();
        using var second = LinuxDatapath.Open(lab.Options);
        Assert.That(second.Read(), Is.Empty);
    });

    [Test]
    public void Datapaths_of_different_folders_and_cgroups_do_not_disturb_each_other() => RunLab(static lab =>
    {
        using var elsewhere = new TestCgroup();
        using var pins = new TestPins();
        var sibling = Datapath.Linux.Cgroups.Cgroup.Open(Path.GetDirectoryName(lab.CgroupPath)!).CreateChild($"datapath-test-{Environment.ProcessId}-sibling");
        try
        {
            using var other = LinuxDatapath.Open(lab.Options with { CgroupRoot = sibling.Path, BpfRoot = pins.Path });
            _ = lab.Apply(ServiceLab.Service(1, 2));
            Assert.That(other.Apply(new([ServiceLab.Service(1, 3)], [])).Failures, Is.Empty);
            lab.Pods[1].Run(() =>
            {
                var ours = Datapath.Linux.Cgroups.Cgroup.Open(lab.CgroupPath);
                ours.AddCurrentProcess();
                using var first = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
                Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2"));
                sibling.AddCurrentProcess();
                Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod3"));

                // A socket belongs to the cgroup in which it was made.
                Assert.That(first.Connect(SocketName.Of(ServiceLab.ServiceV4(), ServiceLab.ServicePort)), Is.EqualTo(Errno.None));
                Assert.That(Dial.Ask(first).Pod, Is.EqualTo("pod2"));
                other.Dispose();
                Assert.That(Dial.Tcp(PodNetwork.V4(3), ServiceLab.BackendPort).Pod, Is.EqualTo("pod3"));
                ours.AddCurrentProcess();
                Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2"));
            });
        }
        finally
        {
            elsewhere.Cgroup.AddCurrentProcess();
            sibling.Delete();
        }
    });

    [Test]
    public void A_process_outside_the_cgroup_is_not_served() => RunLab(static lab =>
    {
        _ = lab.Apply(ServiceLab.Service(1));
        var outside = Datapath.Linux.Cgroups.Cgroup.Open(Path.GetDirectoryName(lab.CgroupPath)!);
        outside.AddCurrentProcess();
        try
        {
            lab.Pods[1].Run(() => Assert.That(Dial.Udp(ServiceLab.ServiceV4()).Errno, Is.EqualTo(Errno.ENETUNREACH)));
        }
        finally
        {
            Datapath.Linux.Cgroups.Cgroup.Open(lab.CgroupPath).AddCurrentProcess();
        }
    });

    [Test]
    public void With_the_lifetime_of_the_process_a_second_one_in_the_same_cgroup_is_refused_whatever_its_folder() => RunLab(
        static lab =>
        {
            _ = lab.Apply(ServiceLab.Service(1, 2));
            var before = CgroupPrograms.Count(Datapath.Linux.Cgroups.Cgroup.Open(lab.CgroupPath));
            using var pins = new TestPins();
            foreach (var options in new[] { lab.Options, lab.Options with { BpfRoot = pins.Path } })
            {
                var thrown = Assert.Throws<DatapathInUseException>(() => LinuxDatapath.Open(options));
                Assert.That((thrown!.OwnerPid, thrown.Place), Is.EqualTo(((uint)Environment.ProcessId, lab.CgroupPath)));
                Assert.That(thrown.Message, Is.EqualTo(
                    $"process {Environment.ProcessId} already serves cgroup '{lab.CgroupPath}' for as long as it runs; stop it, or give this one a cgroupRoot of its own"));
            }

            Assert.That(CgroupPrograms.Count(Datapath.Linux.Cgroups.Cgroup.Open(lab.CgroupPath)), Is.EqualTo(before));
            lab.Pods[1].Run(() => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2")));
            lab.Datapath.Dispose();
            LinuxDatapath.Open(lab.Options).Dispose();
        },
        DatapathLifetime.Process);

    [Test]
    public void Of_several_in_a_cgroup_the_one_that_has_a_process_is_named() => RunLab(
        static lab =>
        {
            using var pins = new TestPins();
            lab.Datapath.Dispose();
            LinuxDatapath.Open(lab.Options with { BpfRoot = pins.Path, Lifetime = DatapathLifetime.Pinned }).Dispose();
            using (var map = Datapath.Linux.Bpf.BpfMap.OpenPinned(pins.Path + "/maps/dp_state"))
            using (var state = map.MapMemory<Datapath.BpfObjects.Layout.ManagerState>().Slice(0, 1))
                state[0].OwnerPid = 1; // as if another process had pinned it
            using var first = LinuxDatapath.Open(lab.Options);
            var thrown = Assert.Throws<DatapathInUseException>(() => LinuxDatapath.Open(lab.Options));
            Assert.That(thrown!.OwnerPid, Is.EqualTo(Environment.ProcessId));
        },
        DatapathLifetime.Process);

    [Test]
    public void A_lock_of_somebody_else_on_the_cgroup_keeps_nobody_from_serving() => RunLab(
        static lab =>
        {
            lab.Datapath.Dispose();
            using var stranger = Datapath.Linux.Bpf.PinFolder.TryLock(lab.CgroupPath);
            var log = new LogLines();
            using (LinuxDatapath.Open(lab.Options, log))
                Assert.That(log.Bad, Has.Some.StartsWith($"Somebody has locked cgroup {lab.CgroupPath} who is no datapath"));
        },
        DatapathLifetime.Process);

    private static void RunLab(Action<ServiceLab> test, DatapathLifetime lifetime = DatapathLifetime.Pinned)
    {
        using var lab = new ServiceLab(lifetime: lifetime);
        test(lab);
    }
}
