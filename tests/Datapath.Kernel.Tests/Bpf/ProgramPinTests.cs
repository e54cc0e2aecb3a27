using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs found again: by a pin and by their number.</summary>
[TestFixture]
internal sealed class ProgramPinTests
{
    private TestPins _pins = null!;

    [SetUp]
    public void MakePins() => _pins = new();

    [TearDown]
    public void RemovePins() => _pins.Dispose();

    [Test]
    public void A_pinned_program_outlives_its_descriptor()
    {
        uint id;
        using (var program = TestPrograms.Return(2, ProgramType.Xdp))
        {
            program.Pin(_pins["program"]);
            id = program.Id;
        }

        using var opened = BpfProgram.OpenPinned(_pins["program"]);
        Assert.That((opened.Id, opened.Name, opened.Type, opened.AttachType), Is.EqualTo((id, "return_2", ProgramType.Xdp, AttachType.Xdp)));
        Assert.That(opened.TestRun(new() { Data = new byte[64] }).ReturnValue, Is.EqualTo(2));
    }

    [Test]
    public void A_program_is_found_by_its_number()
    {
        using var program = TestPrograms.Refuse();
        using var opened = BpfProgram.OpenById(program.Id, AttachType.CgroupInet4Connect);
        Assert.That((opened.Id, opened.Type, opened.AttachType), Is.EqualTo((program.Id, ProgramType.CgroupSockAddr, AttachType.CgroupInet4Connect)));
        Assert.That(static () => BpfProgram.OpenById(uint.MaxValue - 1), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.ENOENT));
    }

    [Test]
    public void A_program_that_is_made_for_no_hook_names_none()
    {
        using var program = TestPrograms.Return(2, ProgramType.SchedClassifier);
        using var opened = BpfProgram.OpenById(program.Id);
        Assert.That((program.AttachType, opened.AttachType), Is.EqualTo((default(AttachType?), default(AttachType?))));
    }

    [Test]
    public void A_program_that_was_opened_without_its_hook_says_so_where_the_hook_is_needed()
    {
        using var cgroup = new TestCgroup();
        using (var program = TestPrograms.Proceed())
            program.Pin(_pins["proceed"]);
        using (var opened = BpfProgram.OpenPinned(_pins["proceed"]))
        {
            Assert.That(
                () => CgroupLink.Attach(opened, cgroup.Cgroup),
                Throws.ArgumentException.With.Message.StartsWith("program 'proceed' is a CgroupSockAddr for no known hook (name it where the program is opened)"));
        }

        using var named = BpfProgram.OpenPinned(_pins["proceed"], AttachType.CgroupInet4Connect);
        using var link = CgroupLink.Attach(named, cgroup.Cgroup);
        Assert.That(link.Hook, Is.EqualTo(AttachType.CgroupInet4Connect));
    }

    [Test]
    public void A_pin_of_another_kind_is_refused()
    {
        using (var program = TestPrograms.Return(2, ProgramType.Xdp))
            program.Pin(_pins["program"]);
        using (var map = BpfMap.Create(new() { Name = "map", Type = MapType.Hash, KeySize = 4, ValueSize = 4, MaxEntries = 8 }))
            map.Pin(_pins["map"]);
        Assert.That(() => BpfProgram.OpenPinned(_pins["map"]), Throws.TypeOf<BpfException>().With.Message.EndsWith("(it is a map)"));
        Assert.That(() => BpfLink.OpenPinned(_pins["program"]), Throws.TypeOf<BpfException>().With.Message.EqualTo($"open link '{_pins["program"]}': EINVAL (it is a prog)"));
    }
}
