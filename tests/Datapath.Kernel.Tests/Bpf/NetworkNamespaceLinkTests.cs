using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Bpf;

/// <summary>Programs that serve a network namespace, one of the test's own. Whether one runs is seen by a connection for which it finds no socket.</summary>
[TestFixture]
internal sealed class NetworkNamespaceLinkTests
{
    private const int NoSocket = 0;
    private const int GoOn = 1;

    private NetworkNamespace _network = null!;
    private TestPins _pins = null!;

    [SetUp]
    public void MakeNamespace() => (_network, _pins) = (NetworkNamespace.Create(), new());

    [TearDown]
    public void RemoveNamespace()
    {
        _pins.Dispose();
        _network.Dispose();
    }

    [Test]
    public void A_program_that_finds_no_socket_stops_connections_until_its_link_is_disposed()
    {
        using var program = Lookup(NoSocket);
        Assert.That(Connects(), Is.True);
        using (var link = NetworkNamespaceLink.Attach(program, _network.Handle))
        {
            Assert.That(Connects(), Is.False);
            Assert.That((link.NamespaceInode, link.Hook), Is.EqualTo((_network.Inode, AttachType.SkLookup)));
            Assert.That(link.Target, Is.EqualTo($"net:[{_network.Inode}] (SkLookup)"));
            Assert.That(link.Info, Is.EqualTo(new BpfLinkInfo(link.Info.Id, BpfLinkKind.NetNamespace, program.Id)));
        }

        Assert.That(Connects(), Is.True);
    }

    [Test]
    public void Without_a_name_the_namespace_is_that_of_the_thread() => _network.Run(() =>
    {
        using var program = Lookup(NoSocket);
        using var link = NetworkNamespaceLink.Attach(program);
        Assert.That(link.NamespaceInode, Is.EqualTo(_network.Inode));
        Assert.That(NetworkNamespaceLink.Query(AttachType.SkLookup), Is.EqualTo((uint[])[program.Id]));
    });

    [Test]
    public void Several_programs_are_told_in_their_order()
    {
        using var first = Lookup(GoOn);
        using var second = Lookup(NoSocket);
        using var firstLink = NetworkNamespaceLink.Attach(first, _network.Handle);
        using var secondLink = NetworkNamespaceLink.Attach(second, _network.Handle);
        Assert.That(NetworkNamespaceLink.Query(_network.Handle, AttachType.SkLookup), Is.EqualTo((uint[])[first.Id, second.Id]));
        Assert.That(NetworkNamespaceLink.Query(_network.Handle, AttachType.FlowDissector), Is.Empty);
        Assert.That(Connects(), Is.False);
    }

    [Test]
    public void An_update_replaces_the_program_and_detach_ends_the_link()
    {
        using var goOn = Lookup(GoOn);
        using var noSocket = Lookup(NoSocket);
        using var link = NetworkNamespaceLink.Attach(goOn, _network.Handle);
        Assert.That(Connects(), Is.True);
        link.Update(noSocket);
        Assert.That(Connects(), Is.False);
        link.Detach();
        Assert.That(Connects(), Is.True);
        Assert.That(link.NamespaceInode, Is.Zero);
    }

    [Test]
    public void A_program_gives_connections_to_a_socket_of_another_port()
    {
        using var lookup = BpfObject.Load(BpfObjectSpec.Parse(TestObject.Read("lookup")));
        _network.Run(() =>
        {
            using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            server.Listen();
            lookup.Maps["servers"].UpdateRaw(0, BitConverter.GetBytes((ulong)server.Handle));
            using var link = NetworkNamespaceLink.Attach(lookup.Programs["to_server"]);
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(IPAddress.Loopback, 7777);
            using var accepted = server.Accept();
            Assert.That(((IPEndPoint)accepted.LocalEndPoint!).Port, Is.EqualTo(7777));
        });
    }

    [Test]
    public void A_pinned_link_opens_as_what_it_is()
    {
        using (var program = Lookup(NoSocket))
        using (var link = NetworkNamespaceLink.Attach(program, _network.Handle))
            link.Pin(_pins["lookup"]);
        Assert.That(Connects(), Is.False);
        using var opened = (NetworkNamespaceLink)BpfLink.OpenPinned(_pins["lookup"]);
        Assert.That(opened.Hook, Is.EqualTo(AttachType.SkLookup));
        opened.Detach();
    }

    [Test]
    public void A_namespace_has_one_flow_dissector()
    {
        using var program = TestPrograms.Return(0, ProgramType.FlowDissector, AttachType.FlowDissector);
        using (var link = NetworkNamespaceLink.Attach(program, _network.Handle))
        {
            Assert.That(link.Hook, Is.EqualTo(AttachType.FlowDissector));
            Assert.That(NetworkNamespaceLink.Query(_network.Handle, AttachType.FlowDissector), Is.EqualTo((uint[])[program.Id]));
            Assert.That(() => NetworkNamespaceLink.Attach(program, _network.Handle), Throws.TypeOf<BpfException>());
            using var lookup = Lookup(GoOn);
            Assert.That(() => link.Update(lookup), Throws.ArgumentException);
        }

        Assert.That(NetworkNamespaceLink.Query(_network.Handle, AttachType.FlowDissector), Is.Empty);
    }

    [Test]
    public void What_is_no_namespace_and_programs_of_other_kinds_are_refused()
    {
        using var file = File.OpenHandle("/dev/null");
        using var program = Lookup(GoOn);
        using var other = TestPrograms.Proceed();
        Assert.That(() => NetworkNamespaceLink.Attach(program, file), Throws.TypeOf<BpfException>().With.Property("Errno").EqualTo(Errno.EINVAL));
        Assert.That(() => NetworkNamespaceLink.Query(file, AttachType.SkLookup), Throws.TypeOf<BpfException>());
        Assert.That(
            () => NetworkNamespaceLink.Attach(other, _network.Handle),
            Throws.ArgumentException.With.Message.StartsWith("program 'proceed' is a CgroupSockAddr, a network namespace takes a SkLookup or a FlowDissector"));
    }

    private static BpfProgram Lookup(int result) => TestPrograms.Return(result, ProgramType.SkLookup, AttachType.SkLookup);

    private bool Connects() => _network.Run(static () =>
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            client.Connect(listener.LocalEndPoint!);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused)
        {
            return false;
        }
    });
}
