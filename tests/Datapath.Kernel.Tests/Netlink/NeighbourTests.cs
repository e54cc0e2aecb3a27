using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class NeighbourTests
{
    private static readonly PhysicalAddress s_mac = new([2, 0, 0, 0, 0, 1]);
    private static readonly PhysicalAddress s_other = new([2, 0, 0, 0, 0, 2]);

    private NetlinkLab _lab = null!;

    [SetUp]
    public void MakeLab() => _lab = new();

    [TearDown]
    public void DropLab() => _lab.Dispose();

    [TestCase("192.0.2.99")]
    [TestCase("2001:db8::99")]
    public void A_neighbour_is_added_listed_replaced_and_deleted(string address)
    {
        var neighbour = new NetworkNeighbour(_lab.LeftIndex, IPAddress.Parse(address)) { MacAddress = s_mac };
        _lab.LeftRoute.AddNeighbour(neighbour);
        Assert.That(_lab.LeftRoute.ListNeighbours(_lab.LeftIndex), Does.Contain(neighbour));
        Assert.That(() => _lab.LeftRoute.AddNeighbour(neighbour), Throws.TypeOf<NetlinkException>()
            .With.Message.StartsWith($"add neighbour {address} of interface {_lab.LeftIndex}: EEXIST"));

        var replaced = neighbour with { MacAddress = s_other, State = NeighbourStates.Permanent };
        _lab.LeftRoute.ReplaceNeighbour(replaced);
        Assert.That(_lab.LeftRoute.ListNeighbours().Where(n => n.Address.Equals(neighbour.Address)), Is.EqualTo(new[] { replaced }));

        _lab.LeftRoute.DeleteNeighbour(replaced);
        Assert.That(_lab.LeftRoute.ListNeighbours().Where(n => n.Address.Equals(neighbour.Address) && n.State is NeighbourStates.Permanent), Is.Empty);
        Assert.That(_lab.LeftRoute.ListNeighbours(_lab.LeftRoute.GetLink("lo").Index).Select(static n => n.Address), Does.Not.Contain(neighbour.Address));
    }

    [Test]
    public void A_neighbour_that_is_missing_cannot_be_deleted() =>
        Assert.That(() => _lab.LeftRoute.DeleteNeighbour(new(_lab.LeftIndex, IPAddress.Parse("192.0.2.98"))), Throws.TypeOf<NetlinkException>()
            .With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.ENOENT));

    [TestCase("192.0.2.50")]
    [TestCase("2001:db8::50")]
    public void A_proxy_is_listed_with_the_proxies_only(string address)
    {
        var proxy = new NetworkNeighbour(_lab.LeftIndex, IPAddress.Parse(address)) { IsProxy = true };
        _lab.LeftRoute.AddNeighbour(proxy);
        Assert.That(_lab.LeftRoute.ListProxyNeighbours().Select(static n => (n.InterfaceIndex, n.Address, n.IsProxy)), Does.Contain((_lab.LeftIndex, proxy.Address, true)));
        Assert.That(_lab.LeftRoute.ListNeighbours().Select(static n => n.Address), Does.Not.Contain(proxy.Address));
        _lab.LeftRoute.DeleteNeighbour(proxy);
        Assert.That(_lab.LeftRoute.ListProxyNeighbours(), Is.Empty);
    }

    [Test]
    public void A_neighbour_that_answered_is_reachable_with_its_hardware_address()
    {
        using var client = _lab.Left.Run(static () => new TcpClient(AddressFamily.InterNetwork));
        Assert.That(() => client.Connect(NetlinkLab.RightV4, 9), Throws.TypeOf<SocketException>()); // refused, so there was an answer
        var neighbour = _lab.LeftRoute.ListNeighbours(_lab.LeftIndex).Single(static n => n.Address.Equals(NetlinkLab.RightV4));
        Assert.That(neighbour.MacAddress, Is.EqualTo(_lab.RightRoute.GetLink(_lab.RightIndex).MacAddress));
        Assert.That(neighbour.State & (NeighbourStates.Reachable | NeighbourStates.Stale | NeighbourStates.Delay), Is.Not.EqualTo(NeighbourStates.None));
    }

    [Test]
    public void Forwarding_entries_of_a_vxlan_interface_have_a_remote_each()
    {
        var vxlan = _lab.LeftRoute.CreateVxlan("vx", new() { Id = 5, IsLearning = false });
        var entry = new ForwardingEntry(vxlan, s_mac) { Remote = NetlinkLab.RightV4, RemotePort = 8472, RemoteNetworkId = 6 };
        _lab.LeftRoute.AddForwardingEntry(entry);
        Assert.That(_lab.LeftRoute.ListForwardingEntries(vxlan), Is.EqualTo(new[] { entry }));
        Assert.That(() => _lab.LeftRoute.AddForwardingEntry(entry), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EEXIST));
        _lab.LeftRoute.ReplaceForwardingEntry(entry with { RemotePort = 0, RemoteNetworkId = null });
        Assert.That(_lab.LeftRoute.ListForwardingEntries(vxlan).Single().RemotePort, Is.Zero);
        _lab.LeftRoute.DeleteForwardingEntry(new(vxlan, s_mac));

        var flood = new ForwardingEntry(vxlan, new(new byte[6]));
        _lab.LeftRoute.AppendForwardingEntry(flood with { Remote = NetlinkLab.RightV4 });
        _lab.LeftRoute.AppendForwardingEntry(flood with { Remote = IPAddress.Parse("192.0.2.77") });
        Assert.That(_lab.LeftRoute.ListForwardingEntries(vxlan).Select(static e => e.Remote!.ToString()), Is.EquivalentTo(new[] { "192.0.2.2", "192.0.2.77" }));
        _lab.LeftRoute.DeleteForwardingEntry(flood with { Remote = NetlinkLab.RightV4 });
        Assert.That(_lab.LeftRoute.ListForwardingEntries(vxlan), Is.EqualTo(new[] { flood with { Remote = IPAddress.Parse("192.0.2.77") } }));
    }

    [Test]
    public void Forwarding_entries_of_a_bridge_name_it_and_their_port()
    {
        var bridge = _lab.LeftRoute.CreateBridge("br");
        var port = _lab.LeftRoute.CreateVeth("p", "q");
        _lab.LeftRoute.SetLinkMaster(port, bridge);
        var entry = new ForwardingEntry(port, s_mac) { IsOfBridge = true, State = NeighbourStates.NoArp };
        _lab.LeftRoute.AddForwardingEntry(entry);
        Assert.That(_lab.LeftRoute.ListForwardingEntries(port), Does.Contain(entry with { BridgeIndex = bridge }));
        _lab.LeftRoute.DeleteForwardingEntry(entry);
        Assert.That(_lab.LeftRoute.ListForwardingEntries(port).Select(static e => e.MacAddress), Does.Not.Contain(s_mac));
        Assert.That(() => _lab.LeftRoute.DeleteForwardingEntry(entry), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.ENOENT));
    }
}
