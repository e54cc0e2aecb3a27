using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class LinkTests
{
    private NetworkNamespace _net = null!;
    private RouteNetlink _route = null!;

    [SetUp]
    public void MakeNamespace()
    {
        _net = NetworkNamespace.Create();
        _route = _net.OpenRouteNetlink();
    }

    [TearDown]
    public void DropNamespace()
    {
        _route.Dispose();
        _net.Dispose();
    }

    [TestCase(AddressFamily.InterNetwork)]
    [TestCase(AddressFamily.InterNetworkV6)]
    public void A_veth_pair_across_namespaces_carries_tcp(AddressFamily family)
    {
        using var lab = new NetlinkLab();
        var address = family is AddressFamily.InterNetwork ? NetlinkLab.RightV4 : NetlinkLab.RightV6;
        using var listener = lab.Right.Run(() => new TcpListener(address, 0));
        listener.Start();
        using var client = lab.Left.Run(() => new TcpClient(family));
        client.Connect((IPEndPoint)listener.LocalEndpoint);
        using var server = listener.AcceptTcpClient();
        server.ReceiveTimeout = 10_000;
        client.GetStream().Write("hello"u8);
        var received = new byte[5];
        server.GetStream().ReadExactly(received);
        Assert.That(received, Is.EqualTo("hello"u8.ToArray()));
    }

    [Test]
    public void A_listing_has_every_interface_with_its_facts()
    {
        var veth = _route.CreateVeth("veth-a", "veth-b");
        var bridge = _route.CreateBridge("br0");
        var peer = _route.GetLink("veth-b");
        _route.SetLinkMtu(veth, 1400);
        _route.SetLinkMacAddress(veth, PhysicalAddress.Parse("02-00-00-00-00-01"));
        _route.SetLinkMaster(veth, bridge);
        _route.SetLinkUp(veth);
        _route.SetLinkUp(peer.Index);

        var links = _route.ListLinks();
        var link = links.Single(static link => link.Name is "veth-a");
        Assert.Multiple(() =>
        {
            Assert.That(links.Select(static link => (link.Name, link.Kind)), Is.EquivalentTo(
                new[] { ("lo", null), ("veth-a", "veth"), ("veth-b", "veth"), ("br0", "bridge") }));
            Assert.That(new[] { _route.GetLink(veth), _route.FindLink("veth-a") }.Select(static found => found! with { Flags = 0, OperationalState = default }),
                Is.All.EqualTo(link with { Flags = 0, OperationalState = default })); // IFF_RUNNING follows a little later
            Assert.That((link.Index, link.Mtu, link.MasterIndex, link.LinkedIndex, link.IsUp), Is.EqualTo((veth, 1400, bridge, peer.Index, true)));
            Assert.That(link.MacAddress, Is.EqualTo(PhysicalAddress.Parse("02-00-00-00-00-01")));
            Assert.That(links.Single(static link => link.IsLoopback).Name, Is.EqualTo("lo"));
        });

        _route.SetLinkMaster(veth, 0);
        _route.SetLinkDown(veth);
        Assert.That((_route.GetLink(veth).MasterIndex, _route.GetLink(veth).IsUp), Is.EqualTo((0, false)));
    }

    [Test]
    public void A_link_has_a_carrier_once_its_peer_is_up()
    {
        var veth = _route.CreateVeth("a", "b");
        _route.SetLinkUp(veth);
        Assert.That(_route.GetLink("a").HasCarrier, Is.False);
        _route.SetLinkUp(_route.GetLink("b").Index);
        Assert.That(_route.GetLink("a").HasCarrier, Is.True);
    }

    [Test]
    public void A_link_moves_to_another_namespace_and_can_be_renamed()
    {
        using var other = NetworkNamespace.Create();
        using var otherRoute = other.OpenRouteNetlink();
        var index = _route.CreateVeth("a", "b");
        _route.RenameLink(index, "c");
        _route.MoveLink(index, other);

        Assert.That(_route.FindLink("c"), Is.Null);
        Assert.That(otherRoute.GetLink("c").Kind, Is.EqualTo("veth"));
    }

    [Test]
    public void A_link_bound_to_its_namespace_does_not_move()
    {
        using var other = NetworkNamespace.Create();
        var loopback = _route.GetLink("lo").Index;
        Assert.That(() => _route.MoveLink(loopback, other), Throws.TypeOf<NetlinkException>()
            .With.Message.StartsWith($"move interface {loopback} to another network namespace: EINVAL"));
    }

    [Test]
    public void Deleting_one_end_of_a_pair_deletes_both()
    {
        _route.DeleteLink(_route.CreateVeth("a", "b"));
        Assert.That(_route.ListLinks().Select(static link => link.Name), Is.EqualTo(new[] { "lo" }));
    }

    [Test]
    public void Several_threads_may_share_one_socket()
    {
        Parallel.For(0, 40, i => Assert.That(_route.GetLink(_route.CreateBridge($"br{i}")).Name, Is.EqualTo($"br{i}")));
        Assert.That(_route.ListLinks(), Has.Count.EqualTo(41));
    }

    [Test]
    public void A_name_that_is_taken_is_EEXIST()
    {
        _route.CreateBridge("br0");
        Assert.That(() => _route.CreateBridge("br0"), Throws.TypeOf<NetlinkException>().With.Message.EqualTo("create bridge 'br0': EEXIST"));
    }

    [Test]
    public void A_name_that_is_not_valid_is_refused_in_the_words_of_the_kernel()
    {
        var thrown = Assert.Throws<NetlinkException>(() => _route.CreateBridge("a-name-far-too-long"));
        Assert.Multiple(() =>
        {
            Assert.That(thrown!.Message, Is.EqualTo("create bridge 'a-name-far-too-long': ERANGE (Attribute failed policy validation)"));
            Assert.That(thrown.KernelMessage, Is.EqualTo("Attribute failed policy validation"));
            Assert.That(thrown.RequestOffset, Is.EqualTo(32), "the name follows the two headers");
        });
        Assert.That(() => _route.CreateBridge("a/b"), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EINVAL));
        Assert.That(() => _route.CreateBridge(new string('x', 4000)), Throws.ArgumentException);
    }

    [Test]
    public void An_interface_that_is_missing_is_ENODEV()
    {
        Assert.That(_route.FindLink("nope"), Is.Null);
        Assert.That(() => _route.GetLink("nope"), Throws.TypeOf<NetlinkException>()
            .With.Message.EqualTo("find interface 'nope': ENODEV (no such interface in this network namespace)"));
        Assert.That(() => _route.DeleteLink(4711), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.ENODEV));
    }
}
