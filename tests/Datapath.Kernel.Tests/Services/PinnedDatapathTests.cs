using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Cgroups;

namespace Datapath.Kernel.Tests.Services;

/// <summary>A datapath's pins, looked at and removed from outside.</summary>
[TestFixture]
[LoadTest]
internal sealed class PinnedDatapathTests
{
    private ServiceLab _lab = null!;

    private string Root => _lab.Options.BpfRoot;

    [SetUp]
    public void StartLab()
    {
        _lab = new(lifetime: DatapathLifetime.Pinned);
        _ = _lab.Apply(ServiceLab.Service(1, 2, 3), ServiceLab.Service(2));
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Frontends_are_read_beside_the_manager_and_without_it()
    {
        var expected = _lab.Datapath.Read().Select(static f => $"{f.Id} {f.Address}: {string.Join(", ", f.Backends)}").ToArray();
        Assert.That(PinnedDatapath.Read(Root).Select(static f => $"{f.Id} {f.Address}: {string.Join(", ", f.Backends)}"), Is.EqualTo(expected));
        _lab.Datapath.Dispose();
        Assert.That(PinnedDatapath.Read(Root).Select(static f => $"{f.Id} {f.Address}: {string.Join(", ", f.Backends)}"), Is.EqualTo(expected));
    }

    [Test]
    public void The_manager_is_told_and_not_disturbed()
    {
        Assert.That(PinnedDatapath.FindManager(Root), Is.EqualTo(Environment.ProcessId));
        _ = _lab.Apply(ServiceLab.Service(3, 2));
        _lab.Datapath.Dispose();
        Assert.That(PinnedDatapath.FindManager(Root), Is.Null);
        Assert.That(() => PinnedDatapath.FindManager(Root + "-other"), Throws.TypeOf<LinuxException>().With.Message.Contains("-other': ENOENT"));
    }

    [Test]
    public void Hooks_are_told_with_their_cgroup()
    {
        var hooks = PinnedDatapath.ReadHooks(Root);
        Assert.That(hooks.Keys, Is.EqualTo(new[]
        {
            "dp_connect4", "dp_connect6", "dp_getpeername4", "dp_getpeername6", "dp_post_bind4", "dp_post_bind6", "dp_recvmsg4", "dp_recvmsg6", "dp_sendmsg4", "dp_sendmsg6",
        }));
        Assert.That(hooks.Values, Is.All.EqualTo(Cgroup.Open(_lab.CgroupPath).Id));
    }

    [Test]
    public void Counters_are_read_beside_the_manager() => _lab.Pods[1].Run(() =>
    {
        Assert.That(Dial.Tcp(ServiceLab.ServiceV4(2)).Errno, Is.EqualTo(Errno.ECONNREFUSED));
        Assert.That(PinnedDatapath.ReadCounters(Root)["RefusedNoBackend"], Is.EqualTo(1));
        Assert.That(_lab.Datapath.GetStatus().Counters["RefusedNoBackend"], Is.EqualTo(1));
    });

    [Test]
    public void Uninstall_leaves_nothing_and_twice_is_no_error()
    {
        _lab.Datapath.Dispose();
        Assert.That(PinnedDatapath.Exists(Root), Is.True);
        Assert.That(PinnedDatapath.Uninstall(Root), Is.True);
        Assert.That(Directory.Exists(Root), Is.False);
        Assert.That(PinnedDatapath.Exists(Root), Is.False);
        Assert.That(PinnedDatapath.Uninstall(Root), Is.False);
        Assert.That(CgroupPrograms.Count(Cgroup.Open(_lab.CgroupPath)), Is.Zero);
        Assert.That(() => PinnedDatapath.Read(Root), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.ENOENT));
    }

    [Test]
    public void A_folder_that_is_a_mount_stays_when_what_is_in_it_is_uninstalled() => MountSandbox.Run(() =>
    {
        _ = Directory.CreateDirectory(Root);
        MountSandbox.MountBpf(Root);
        _lab.Reopen();
        Assert.That((PinnedDatapath.Exists(Root), Directory.GetDirectories(Root).Length), Is.EqualTo((true, 2)));
        _lab.Datapath.Dispose();
        Assert.That(PinnedDatapath.Uninstall(Root), Is.True);
        Assert.That(Directory.GetDirectories(Root), Is.Empty);
        Assert.That(PinnedDatapath.Uninstall(Root), Is.False);
        MountSandbox.UnmountAll(Root);
    });

    [Test]
    public void The_place_that_all_programs_share_is_refused([Values("/sys/fs/bpf", "/sys/fs/bpf/")] string root) => Assert.That(
        () => LinuxDatapath.Open(_lab.Options with { BpfRoot = root }),
        Throws.TypeOf<LinuxException>().With.Message.EqualTo(
            $"use '{root}' for pinned state: EINVAL (all programs of the machine share it; choose a folder in it, for example '/sys/fs/bpf/datapath')"));

    [Test]
    public void A_folder_that_holds_other_pins_stays_with_them_alone_and_it_is_said()
    {
        var (below, inside) = ($"{Root}/nested/below", $"{Root}/inside");
        using (LinuxDatapath.Open(_lab.Options with { BpfRoot = below }))
        using (LinuxDatapath.Open(_lab.Options with { BpfRoot = inside }))
        {
            _lab.Datapath.Dispose();
            var refusal = Assert.Throws<LinuxException>(() => PinnedDatapath.Uninstall(Root));
            Assert.That((refusal!.Errno, refusal.Message), Is.EqualTo((Errno.ENOTEMPTY,
                $"delete '{Root}': ENOTEMPTY (nothing of this datapath is left there, but the folder holds pins of another datapath in '{inside}', '{below}': uninstall that one first, then '{Root}' again)")));
            Assert.That(Directory.GetFileSystemEntries(Root).Order(), Is.EqualTo(new[] { inside, $"{Root}/nested" }));
            Assert.That(CgroupPrograms.Count(Cgroup.Open(_lab.CgroupPath)), Is.EqualTo(20), "those of the other two");
            Assert.That(PinnedDatapath.Uninstall(Root), Is.False, "twice is no error");
        }

        Assert.That((PinnedDatapath.Uninstall(below), PinnedDatapath.Uninstall(inside)), Is.EqualTo((true, true)));
        Directory.Delete($"{Root}/nested");
        Assert.That((PinnedDatapath.Uninstall(Root), Directory.Exists(Root)), Is.EqualTo((true, false)));
    }

    [Test]
    public void A_folder_that_holds_what_is_no_datapaths_stays_with_it_and_it_is_said()
    {
        BpfFileSystem.CreateDirectory($"{Root}/links/foreign");
        BpfFileSystem.CreateDirectory($"{Root}/foreign");
        _lab.Datapath.Dispose();
        Assert.That(() => PinnedDatapath.Uninstall(Root), Throws.TypeOf<LinuxException>().With.Message.Contains($"holds '{Root}/links/foreign', which is no datapath's: delete that yourself"));
        Directory.Delete($"{Root}/links/foreign");
        Assert.That(() => PinnedDatapath.Uninstall(Root), Throws.TypeOf<LinuxException>().With.Message.Contains($"holds '{Root}/foreign', which is no datapath's: delete that yourself"));
        Assert.That(CgroupPrograms.Count(Cgroup.Open(_lab.CgroupPath)), Is.Zero);
    }

    [Test]
    public void After_uninstall_a_start_is_a_fresh_one()
    {
        _lab.Datapath.Dispose();
        _ = PinnedDatapath.Uninstall(Root);
        _lab.Reopen();
        Assert.That(_lab.Datapath.Read(), Is.Empty);
        _ = _lab.Apply(ServiceLab.Service(1, 2));
        Assert.That(_lab.Frontend(1).Id, Is.LessThanOrEqualTo(4));
    }

    [Test]
    public void A_folder_that_is_none_is_not_touched()
    {
        var folder = Directory.CreateTempSubdirectory("datapath-test-").FullName;
        try
        {
            Assert.That(PinnedDatapath.Uninstall(folder), Is.False);
            Assert.That(Directory.Exists(folder), Is.True);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    [Test]
    public void What_is_read_while_the_manager_writes_is_one_of_the_states_it_wrote()
    {
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
                _ = _lab.Datapath.Apply(new([i % 2 == 0 ? ServiceLab.Service(1, 2, 3, 4, 5) : ServiceLab.Service(1, 6, 7, 8)], []));
        });
        writer.Start();
        try
        {
            var states = new HashSet<string>();
            for (var i = 0; i < 2000; i++)
            {
                foreach (var frontend in PinnedDatapath.Read(Root))
                    _ = states.Add(string.Join(' ', frontend.Backends.Select(static b => b.Address.Address.GetAddressBytes()[^1])));
            }

            Assert.That(states, Is.SubsetOf(new[] { "2 3", "", "2 3 4 5", "6 7 8" }));
            Assert.That(states, Has.Count.GreaterThanOrEqualTo(3));
        }
        finally
        {
            stop.Cancel();
            writer.Join();
        }
    }

    [Test]
    public void When_the_cgroup_was_removed_and_made_again_the_next_start_serves_the_new_one()
    {
        var parent = Cgroup.Open(_lab.CgroupPath);
        var child = parent.CreateChild("served");
        using var pins = new TestPins();
        var options = _lab.Options with { CgroupRoot = child.Path, BpfRoot = pins.Path };
        _lab.Datapath.Dispose();
        _ = PinnedDatapath.Uninstall(Root);
        using (var first = LinuxDatapath.Open(options))
            Assert.That(first.Apply(new([ServiceLab.Service(1, 2)], [])).Failures, Is.Empty);
        child.Delete();
        Eventually.True(() => PinnedDatapath.ReadHooks(pins.Path).Values.All(static id => id == 0), "the links keep the cgroup");
        child = parent.CreateChild("served");
        try
        {
            using var second = LinuxDatapath.Open(options);
            Assert.That(PinnedDatapath.ReadHooks(pins.Path).Values, Is.All.EqualTo(child.Id));
            child.AddCurrentProcess();
            _lab.Pods[1].Run(() => Assert.That(Dial.Tcp(ServiceLab.ServiceV4()).Pod, Is.EqualTo("pod2")));
        }
        finally
        {
            parent.AddCurrentProcess();
            child.Delete();
        }
    }
}
