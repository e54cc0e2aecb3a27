using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs attached to cgroups. Whether one runs is seen by a connect that it refuses.</summary>
[TestFixture]
internal sealed class CgroupLinkTests
{
    private TestCgroup _cgroup = null!;
    private TestPins _pins = null!;
    private BpfProgram _proceed = null!;
    private BpfProgram _refuse = null!;

    private static bool IsRefused
    {
        get
        {
            using var socket = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram);
            return socket.Connect(SocketName.Of(IPAddress.Loopback, 9)) is Errno.EPERM;
        }
    }

    [SetUp]
    public void MakeCgroup() => (_cgroup, _pins, _proceed, _refuse) = (new(), new(), TestPrograms.Proceed(), TestPrograms.Refuse());

    [TearDown]
    public void RemoveCgroup()
    {
        _proceed.Dispose();
        _refuse.Dispose();
        _pins.Dispose();
        _cgroup.Dispose();
    }

    [Test]
    public void A_program_runs_from_attach_to_dispose()
    {
        Assert.That(IsRefused, Is.False);
        using (var link = CgroupLink.Attach(_refuse, _cgroup.Cgroup))
        {
            Assert.That(IsRefused, Is.True);
            Assert.That(link.CgroupId, Is.EqualTo(_cgroup.Cgroup.Id));
            Assert.That(link.ProgramId, Is.EqualTo(_refuse.Id));
            Assert.That(link.Target, Is.EqualTo($"cgroup {_cgroup.Cgroup.Path} (CgroupInet4Connect)"));
        }

        Assert.That(IsRefused, Is.False);
    }

    [Test]
    public void A_cgroup_that_may_not_be_looked_for_is_named_by_its_number()
    {
        using var link = CgroupLink.Attach(_proceed, _cgroup.Cgroup);
        string? target = null;
        LimitedThread.Run(LinuxCapabilities.None, () => target = link.Target);
        Assert.That(target, Is.EqualTo($"cgroup {_cgroup.Cgroup.Id} (CgroupInet4Connect)"));
    }

    [Test]
    public void Programs_of_others_on_the_same_cgroup_stay()
    {
        using var theirs = CgroupLink.Attach(_refuse, _cgroup.Cgroup);
        using (CgroupLink.Attach(_proceed, _cgroup.Cgroup))
            Assert.That(IsRefused, Is.True);
        Assert.That(IsRefused, Is.True);
    }

    [Test]
    public void An_update_replaces_the_program()
    {
        using var link = CgroupLink.Attach(_refuse, _cgroup.Cgroup);
        link.Update(_proceed);
        Assert.That(IsRefused, Is.False);
        Assert.That(link.ProgramId, Is.EqualTo(_proceed.Id));
        link.Update(_refuse);
        Assert.That(IsRefused, Is.True);
    }

    [Test]
    public void A_program_of_another_hook_is_no_replacement()
    {
        using var link = CgroupLink.Attach(_proceed, _cgroup.Cgroup);
        using var other = TestPrograms.Proceed(AttachType.CgroupInet6Connect);
        Assert.That(
            () => link.Update(other),
            Throws.ArgumentException.With.Message.StartsWith("program 'proceed' is made for CgroupInet6Connect, the link of 'proceed' is at CgroupInet4Connect"));
        Assert.That(link.ProgramId, Is.EqualTo(_proceed.Id));
    }

    [Test]
    public void A_pinned_link_outlives_its_descriptor_and_detach_ends_it()
    {
        using (var link = CgroupLink.Attach(_refuse, _cgroup.Cgroup))
            link.Pin(_pins["refuse"]);
        Assert.That(IsRefused, Is.True);
        using var opened = CgroupLink.OpenPinned(_pins["refuse"]);
        Assert.That(opened.Name, Is.EqualTo("refuse"));
        opened.Detach();
        Assert.That(IsRefused, Is.False);
        Assert.That(opened.CgroupId, Is.Zero);
        Assert.That(opened.Detach, Throws.Nothing);
    }

    [Test]
    public void Deleting_the_pin_ends_a_link_that_nobody_holds()
    {
        using (var link = CgroupLink.Attach(_refuse, _cgroup.Cgroup))
            link.Pin(_pins["refuse"]);
        File.Delete(_pins["refuse"]);
        Eventually.True(static () => !IsRefused, "the program still runs");
    }

    [Test]
    public void When_its_cgroup_is_removed_a_link_has_none_any_more()
    {
        var child = _cgroup.Cgroup.CreateChild("gone");
        using var link = CgroupLink.Attach(_refuse, child);
        child.Delete();
        Eventually.True(() => link.CgroupId == 0, "the link keeps the cgroup");
        Assert.That(
            () => link.Update(_proceed),
            Throws.TypeOf<BpfException>().With.Message.EqualTo(
                $"replace the program in the link of '{link.Name}' with 'proceed': ENOLINK (what it was attached to is gone, or it was detached)"));
        Assert.That(link.Detach, Throws.Nothing);
    }

    [Test]
    public void A_program_runs_for_the_cgroups_below_too()
    {
        using var link = CgroupLink.Attach(_refuse, _cgroup.Cgroup);
        var child = _cgroup.Cgroup.CreateChild("below");
        child.AddCurrentProcess();
        try
        {
            Assert.That(IsRefused, Is.True);
        }
        finally
        {
            _cgroup.Cgroup.AddCurrentProcess();
            child.Delete();
        }
    }
}
