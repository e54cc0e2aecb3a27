using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>The kinds of programs that a cgroup takes besides those for addresses.</summary>
[TestFixture]
internal sealed class CgroupKindTests
{
    private TestCgroup _cgroup = null!;

    [SetUp]
    public void MakeCgroup() => _cgroup = new();

    [TearDown]
    public void RemoveCgroup() => _cgroup.Dispose();

    [Test]
    public void A_packet_filter_drops_packets([Values(AttachType.CgroupInetIngress, AttachType.CgroupInetEgress)] AttachType hook)
    {
        using var program = TestPrograms.Return(0, ProgramType.CgroupSkb, hook);
        Assert.That(Datagrams.Arrive(), Is.True);
        using (var link = CgroupLink.Attach(program, _cgroup.Cgroup))
        {
            Assert.That(Datagrams.Arrive(), Is.False);
            Assert.That((link.CgroupId, link.Hook), Is.EqualTo((_cgroup.Cgroup.Id, hook)));
        }

        Assert.That(Datagrams.Arrive(), Is.True);
    }

    // A socket program that says no hook gets that of socket(2).
    [Test]
    public void A_socket_program_refuses_sockets([Values(AttachType.CgroupInetSockCreate, AttachType.CgroupInetIngress)] AttachType made)
    {
        using var program = TestPrograms.Return(0, ProgramType.CgroupSock, made);
        using (var link = CgroupLink.Attach(program, _cgroup.Cgroup))
        {
            using var refused = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram, 0, out var errno);
            Assert.That(errno, Is.EqualTo(Errno.EPERM));
            Assert.That(link.Hook, Is.EqualTo(AttachType.CgroupInetSockCreate));
        }

        using var allowed = new RawSocket(AddressFamily.InterNetwork, SocketType.Dgram, 0, out var after);
        Assert.That(after, Is.EqualTo(Errno.None));
    }

    [Test]
    public void A_program_of_tcps_turning_points_runs_when_a_connection_is_made()
    {
        using var statistics = BpfStatistics.Enable();
        using var program = TestPrograms.Return(1, ProgramType.SockOps, AttachType.CgroupSockOps);
        using var link = CgroupLink.Attach(program, _cgroup.Cgroup);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var before = program.Statistics.Runs;
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        Assert.That(program.Statistics.Runs - before, Is.GreaterThanOrEqualTo(2), "both ends are in the cgroup");
    }

    [Test]
    public void A_program_of_setsockopt_refuses_an_option()
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("hooks"));
        foreach (var program in spec.Programs.Values)
            program.IsEnabled = program.Name is "refuse_option";
        using var loaded = BpfObject.Load(spec);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        byte[] priority = [1, 0, 0, 0];
        using (var link = CgroupLink.Attach(loaded.Programs["refuse_option"], _cgroup.Cgroup))
        {
            Assert.That(link.Hook, Is.EqualTo(AttachType.CgroupSetSockOption));
            Assert.That(() => socket.SetRawSocketOption(1, 12, priority), Throws.TypeOf<SocketException>());
        }

        Assert.That(() => socket.SetRawSocketOption(1, 12, priority), Throws.Nothing);
    }

    [TestCase("device", AttachType.CgroupDevice)]
    [TestCase("setting", AttachType.CgroupSysctl)]
    [TestCase("read_option", AttachType.CgroupGetSockOption)]
    public void A_program_of_devices_settings_and_options_is_attached(string name, AttachType hook)
    {
        var spec = BpfObjectSpec.Parse(TestObject.Read("hooks"));
        foreach (var program in spec.Programs.Values)
            program.IsEnabled = program.Name == name;
        using var loaded = BpfObject.Load(spec);
        using var link = CgroupLink.Attach(loaded.Programs[name], _cgroup.Cgroup);
        Assert.That(link.Hook, Is.EqualTo(hook));
        Assert.That(AttachedCgroupPrograms.Query(_cgroup.Cgroup, hook).ProgramIds, Is.EqualTo(new[] { loaded.Programs[name].Id }));
    }

    [Test]
    public void A_socket_program_does_not_replace_a_packet_filter()
    {
        using var filter = TestPrograms.Return(1, ProgramType.CgroupSkb);
        using var link = CgroupLink.Attach(filter, _cgroup.Cgroup);
        using var other = TestPrograms.Return(1, ProgramType.SchedClassifier);
        Assert.That(() => link.Update(other), Throws.ArgumentException.With.Message.StartsWith("program 'return_1' is a SchedClassifier, a cgroup takes a program of its own kinds"));
        Assert.That(link.ProgramId, Is.EqualTo(filter.Id));
    }

    [Test]
    public void A_program_that_is_not_for_cgroups_is_refused([Values(ProgramType.Xdp, ProgramType.SchedClassifier)] ProgramType type)
    {
        using var program = TestPrograms.Return(1, type);
        Assert.That(
            () => CgroupLink.Attach(program, _cgroup.Cgroup).Dispose(),
            Throws.ArgumentException.With.Message.StartsWith($"program 'return_1' is a {type}, a cgroup takes a program of its own kinds"));
    }

    [Test]
    public void A_query_names_what_is_attached_and_what_is_inherited()
    {
        using var filter = TestPrograms.Return(1, ProgramType.CgroupSkb);
        using var link = CgroupLink.Attach(filter, _cgroup.Cgroup);
        var child = _cgroup.Cgroup.CreateChild("below");
        try
        {
            var here = AttachedCgroupPrograms.Query(_cgroup.Cgroup, AttachType.CgroupInetIngress);
            Assert.That(here.ProgramIds, Is.EqualTo(new[] { filter.Id }));
            Assert.That(here.Flags, Is.EqualTo(CgroupAttachFlags.AllowMultiple));
            Assert.That($"{here}", Is.EqualTo($"AttachedCgroupPrograms {{ ProgramIds = [{filter.Id}], Flags = AllowMultiple }}"));
            Assert.That(AttachedCgroupPrograms.Query(child, AttachType.CgroupInetIngress).ProgramIds, Is.Empty);
            Assert.That(AttachedCgroupPrograms.QueryEffective(child, AttachType.CgroupInetIngress).ProgramIds, Does.Contain(filter.Id));
            Assert.That(AttachedCgroupPrograms.Query(_cgroup.Cgroup, AttachType.CgroupInetEgress).ProgramIds, Is.Empty);
        }
        finally
        {
            child.Delete();
        }
    }
}
