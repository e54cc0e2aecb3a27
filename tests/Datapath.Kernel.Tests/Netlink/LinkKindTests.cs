using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Bpf;
using Datapath.Linux;
using Datapath.Linux.Bpf;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class LinkKindTests
{
    private NetlinkLab _lab = null!;

    [SetUp]
    public void MakeLab() => _lab = new();

    [TearDown]
    public void DropLab() => _lab.Dispose();

    [TestCase("192.0.2.1", "192.0.2.2")]
    [TestCase("2001:db8::1", "2001:db8::2")]
    public void A_vxlan_interface_is_listed_as_it_was_made_and_carries_packets_by_its_forwarding_entries(string left, string right)
    {
        var local = IPAddress.Parse(left);
        var options = new VxlanOptions { Id = 4711, Local = local, Port = 8472, IsLearning = false };
        var leftIndex = MakeOverlay(_lab.LeftRoute, options, "10.9.0.1");
        MakeOverlay(_lab.RightRoute, options with { Local = IPAddress.Parse(right) }, "10.9.0.2");
        Assert.That(_lab.LeftRoute.GetLink(leftIndex), Has.Property(nameof(NetworkLink.Kind)).EqualTo("vxlan").And.Property(nameof(NetworkLink.Vxlan)).EqualTo(options));

        // Frames that nobody knows go to all remotes of the zero address.
        _lab.LeftRoute.AppendForwardingEntry(new(leftIndex, new(new byte[6])) { Remote = IPAddress.Parse(right) });
        _lab.RightRoute.AppendForwardingEntry(new(_lab.RightRoute.GetLink("vx").Index, new(new byte[6])) { Remote = local });

        using var listener = _lab.Right.Run(static () => new TcpListener(IPAddress.Parse("10.9.0.2"), 0));
        listener.Start();
        using var client = _lab.Left.Run(static () => new TcpClient(AddressFamily.InterNetwork));
        client.Connect((IPEndPoint)listener.LocalEndpoint);
        using var server = listener.AcceptTcpClient();
        Assert.That(server.Connected, Is.True);
    }

    [Test]
    public void A_vxlan_interface_can_take_its_network_from_each_packet()
    {
        var index = _lab.LeftRoute.CreateVxlan("vx", new() { CollectsMetadata = true, IsLearning = false, Port = 8472 });
        var vxlan = _lab.LeftRoute.GetLink(index).Vxlan!;
        Assert.That((vxlan.CollectsMetadata, vxlan.IsLearning, vxlan.Port), Is.EqualTo((true, false, 8472)));
        Assert.That(() => _lab.LeftRoute.CreateVxlan("vy", new() { CollectsMetadata = true, Port = 8472 }), Throws.TypeOf<NetlinkException>()
            .With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EEXIST));
    }

    [Test]
    public void A_vxlan_interface_can_flood_to_a_group_on_an_interface()
    {
        var options = new VxlanOptions { Id = 1, Remote = IPAddress.Parse("239.1.1.1"), LowerIndex = _lab.LeftIndex };
        Assert.That(_lab.LeftRoute.GetLink(_lab.LeftRoute.CreateVxlan("vx", options)).Vxlan, Is.EqualTo(options));
    }

    [Test]
    public void Options_of_vxlan_that_cannot_be_are_a_mistake_of_the_caller()
    {
        Assert.That(() => _lab.LeftRoute.CreateVxlan("vx", new() { Id = 1 << 24 }), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => _lab.LeftRoute.CreateVxlan("vx", new() { Port = 65536 }), Throws.InstanceOf<ArgumentException>());
        Assert.That(
            () => _lab.LeftRoute.CreateVxlan("vx", new() { Local = NetlinkLab.LeftV4, Remote = NetlinkLab.RightV6 }),
            Throws.ArgumentException);
    }

    [Test]
    public void A_name_that_the_kernel_would_fill_in_makes_no_interface()
    {
        var before = _lab.LeftRoute.ListLinks().Count;
        Assert.That(() => _lab.LeftRoute.CreateBridge("br%d"), Throws.ArgumentException);
        Assert.That(() => _lab.LeftRoute.CreateVeth("a%d", "b"), Throws.ArgumentException);
        Assert.That(() => _lab.LeftRoute.CreateVeth("a", "b%d"), Throws.ArgumentException);
        Assert.That(_lab.LeftRoute.ListLinks(), Has.Count.EqualTo(before));
    }

    [TestCase(MacvlanMode.Bridge)]
    [TestCase(MacvlanMode.Private)]
    public void A_macvlan_interface_says_what_is_below_it_and_how_it_works(MacvlanMode mode)
    {
        var link = _lab.LeftRoute.GetLink(_lab.LeftRoute.CreateMacvlan("mv", _lab.LeftIndex, mode));
        Assert.That((link.Kind, link.MacvlanMode, link.LinkedIndex, link.LinkedNamespaceId), Is.EqualTo(("macvlan", (MacvlanMode?)mode, _lab.LeftIndex, (int?)null)));
    }

    [Test]
    public void A_macvlan_interface_reaches_the_other_end_from_a_namespace_of_its_own()
    {
        using var pod = NetworkNamespace.Create();
        _lab.LeftRoute.MoveLink(_lab.LeftRoute.CreateMacvlan("mv", _lab.LeftIndex), pod);
        using var inside = pod.OpenRouteNetlink();
        var link = inside.GetLink("mv");
        Assert.That(link.LinkedNamespaceId, Is.Not.Null, "what is below is in another namespace");
        inside.AddAddress(link.Index, IPAddress.Parse("192.0.2.3"), 24);
        inside.SetLinkUp(link.Index);

        using var listener = _lab.Right.Run(static () => new TcpListener(NetlinkLab.RightV4, 0));
        listener.Start();
        using var client = pod.Run(static () => new TcpClient(AddressFamily.InterNetwork));
        client.Connect((IPEndPoint)listener.LocalEndpoint);
        Assert.That(client.Connected, Is.True);
    }

    [Test]
    public void A_vlan_interface_has_its_number_or_the_kernel_says_that_it_has_none()
    {
        try
        {
            var link = _lab.LeftRoute.GetLink(_lab.LeftRoute.CreateVlan("eth0.5", _lab.LeftIndex, 5));
            Assert.That((link.Kind, link.VlanId, link.LinkedIndex), Is.EqualTo(("vlan", 5, _lab.LeftIndex)));
        }
        catch (NetlinkException e)
        {
            Assert.That(e.Message, Is.EqualTo("create VLAN interface 'eth0.5': EOPNOTSUPP (Unknown device type)"));
        }

        Assert.That(() => _lab.LeftRoute.CreateVlan("v", _lab.LeftIndex, 4095), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_link_says_its_state_its_group_and_the_namespace_of_its_peer()
    {
        _lab.LeftRoute.SetLinkGroup(_lab.LeftIndex, 4_000_000_000);
        var link = _lab.LeftRoute.GetLink(_lab.LeftIndex);
        Assert.That((link.Group, link.LinkedIndex), Is.EqualTo((4_000_000_000, _lab.RightIndex)));
        Assert.That(link.LinkedNamespaceId, Is.GreaterThanOrEqualTo(0));
        Lab.Eventually.True(() => _lab.LeftRoute.GetLink(_lab.LeftIndex).OperationalState is NetworkOperationalState.Up, "the state follows the carrier");
        _lab.RightRoute.SetLinkDown(_lab.RightIndex);
        Lab.Eventually.True(
            () => _lab.LeftRoute.GetLink(_lab.LeftIndex).OperationalState is NetworkOperationalState.LowerLayerDown or NetworkOperationalState.Down,
            "the state follows the carrier");
    }

    [Test]
    public void A_link_names_its_xdp_program([Values(XdpMode.Any, XdpMode.Generic)] XdpMode mode)
    {
        using var program = TestPrograms.Return(2, ProgramType.Xdp);
        using (_lab.Left.Run(() => XdpLink.Attach(program, _lab.LeftIndex, mode)))
            Assert.That(_lab.LeftRoute.GetLink(_lab.LeftIndex).XdpProgramId, Is.EqualTo(program.Id));
        Assert.That(_lab.LeftRoute.GetLink(_lab.LeftIndex).XdpProgramId, Is.Zero);
    }

    [Test]
    public void Statistics_count_what_is_sent()
    {
        var before = _lab.RightRoute.GetLinkStatistics(_lab.RightIndex);
        using var receiver = _lab.Right.Run(static () => new UdpClient(new IPEndPoint(NetlinkLab.RightV4, 0)));
        using var sender = _lab.Left.Run(static () => new UdpClient(AddressFamily.InterNetwork));
        for (var i = 0; i < 10; i++)
            sender.Send(new byte[500], 500, (IPEndPoint)receiver.Client.LocalEndPoint!);
        IPEndPoint? from = null;
        for (var i = 0; i < 10; i++)
            receiver.Receive(ref from);
        var after = _lab.RightRoute.GetLinkStatistics(_lab.RightIndex);
        Assert.That(after.ReceivedPackets - before.ReceivedPackets, Is.GreaterThanOrEqualTo(10));
        Assert.That(after.ReceivedBytes - before.ReceivedBytes, Is.GreaterThanOrEqualTo(10 * 528));
        Assert.That(_lab.LeftRoute.GetLinkStatistics(_lab.LeftIndex).SentPackets, Is.GreaterThanOrEqualTo(10));
        Assert.That(() => _lab.LeftRoute.GetLinkStatistics(4711), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.ENODEV));
    }

    private static int MakeOverlay(RouteNetlink route, VxlanOptions options, string address)
    {
        var index = route.CreateVxlan("vx", options);
        route.AddAddress(index, IPAddress.Parse(address), 24);
        route.SetLinkUp(index);
        return index;
    }
}
