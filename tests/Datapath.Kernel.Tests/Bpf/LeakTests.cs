using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>What opening and closing a datapath leaves in the process: nothing.</summary>
[TestFixture]
internal sealed class LeakTests
{
    private TestCgroup _cgroup = null!;
    private TestPins _pins = null!;

    private LinuxDatapathOptions Options => new() { CgroupRoot = _cgroup.Cgroup.Path, BpfRoot = _pins.Path, MaxFrontends = 64, MaxSlots = 64 };

    [SetUp]
    public void MakeCgroup() => (_cgroup, _pins) = (new(), new());

    [TearDown]
    public void RemoveCgroup()
    {
        _pins.Dispose();
        _cgroup.Dispose();
    }

    [Test]
    [LoadTest]
    public void Opening_and_closing_leaves_no_descriptor_and_no_mapping([Values] DatapathLifetime lifetime) =>
        AssertLeavesNothing(() => LinuxDatapath.Open(Options with { Lifetime = lifetime }).Dispose());

    [Test]
    public void A_process_that_closes_leaves_no_program_attached()
    {
        using (var datapath = LinuxDatapath.Open(Options with { Lifetime = DatapathLifetime.Process }))
        {
            _ = datapath.Apply(new([ServiceLab.Service(1)], []));
            Assert.That(Dial.Udp(ServiceLab.ServiceV4()).Errno, Is.EqualTo(Errno.ECONNREFUSED));
            Assert.That(AttachedPrograms(), Is.EqualTo(10));
        }

        Assert.That(AttachedPrograms(), Is.Zero);
        Assert.That(Directory.Exists(_pins.Path), Is.False);
    }

    [Test]
    [LoadTest]
    public void A_refused_open_leaves_no_descriptor_and_no_mapping()
    {
        using (LinuxDatapath.Open(Options))
            SpoilLayout();
        AssertLeavesNothing(() => Assert.That(() => LinuxDatapath.Open(Options), Throws.TypeOf<IncompatibleStateException>().With.Message.Contains("layout version 99")));
        AssertLeavesNothing(() => Assert.That(() => LinuxDatapath.Open(Options with { MaxFrontends = 65 }), Throws.TypeOf<IncompatibleStateException>()));
        using var frontends = BpfMap.OpenPinned(_pins.Path + "/maps/dp_frontends4");
        Assert.That(frontends.Info.MaxEntries, Is.EqualTo(Options.MaxFrontends), "what another version wrote is not touched");
    }

    [Test]
    public void Options_that_cannot_be_leave_no_folder()
    {
        Assert.That(() => LinuxDatapath.Open(Options with { MaxSlots = 63 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => LinuxDatapath.Open(Options with { MaxFrontends = 0 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => LinuxDatapath.Open(Options with { MaxSlots = (1 << 24) + 1 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => LinuxDatapath.Open(Options with { NoBackend = (NoBackendReply)9 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(Directory.Exists(_pins.Path), Is.False);
    }

    private static void AssertLeavesNothing(Action action)
    {
        action(); // what is made once for the process
        var before = Held();
        for (var i = 0; i < 20; i++)
            action();
        Assert.That(Held(), Is.EqualTo(before));
    }

    private static (int Descriptors, int Mappings) Held() => (
        Directory.GetFiles("/proc/self/fd").Count(static fd => IsOurs(File.ResolveLinkTarget(fd, returnFinalTarget: false)?.FullName ?? "")),
        File.ReadLines("/proc/self/maps").Count(IsOurs));

    // "anon_inode:bpf-map", "anon_inode:btf", "/sys/fs/bpf/..."
    private static bool IsOurs(string name) => name.Contains("bpf", StringComparison.Ordinal) || name.Contains("btf", StringComparison.Ordinal);

    private void SpoilLayout()
    {
        using var map = BpfMap.OpenPinned(_pins.Path + "/maps/dp_state");
        using var memory = map.MapMemory<Datapath.BpfObjects.Layout.ManagerState>();
        using var state = memory.Slice(0, 1);
        state[0].LayoutVersion = 99;
    }

    private int AttachedPrograms() => CgroupPrograms.Count(_cgroup.Cgroup);
}
