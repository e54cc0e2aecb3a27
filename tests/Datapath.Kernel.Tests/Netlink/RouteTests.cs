using System.Net;
using System.Net.Sockets;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class RouteTests
{
    private static readonly IPNetwork s_v4 = IPNetwork.Parse("198.51.100.0/24");
    private static readonly IPNetwork s_v6 = IPNetwork.Parse("2001:db8:ffff::/48");

    private NetlinkLab _lab = null!;

    private static IEnumerable<IPNetwork> Destinations => [s_v4, s_v6, IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")];

    [SetUp]
    public void MakeLab() => _lab = new();

    [TearDown]
    public void DropLab() => _lab.Dispose();

    [TestCaseSource(nameof(Destinations))]
    public void A_route_by_a_gateway_is_listed_as_it_was_added_and_can_be_deleted(IPNetwork destination)
    {
        var route = new NetworkRoute(destination) { Gateway = GatewayFor(destination), InterfaceIndex = _lab.LeftIndex, Metric = 50 };
        _lab.LeftRoute.AddRoute(route);
        Assert.That(_lab.LeftRoute.ListRoutes(), Does.Contain(route));
        foreach (var listed in _lab.LeftRoute.ListRoutes().Where(listed => listed.Destination == destination))
            _lab.LeftRoute.DeleteRoute(listed);
        Assert.That(_lab.LeftRoute.ListRoutes().Select(static listed => listed.Destination), Does.Not.Contain(destination));
    }

    [Test]
    public void A_route_that_is_there_is_EEXIST_for_add_and_changed_by_replace()
    {
        _lab.LeftRoute.AddRoute(new(s_v4) { InterfaceIndex = _lab.LeftIndex });
        var other = new NetworkRoute(s_v4) { Gateway = NetlinkLab.RightV4, InterfaceIndex = _lab.LeftIndex };
        Assert.That(() => _lab.LeftRoute.AddRoute(other), Throws.TypeOf<NetlinkException>()
            .With.Message.StartsWith($"add route to 198.51.100.0/24 via 192.0.2.2 from interface {_lab.LeftIndex}: EEXIST"));
        _lab.LeftRoute.ReplaceRoute(other);
        Assert.That(_lab.LeftRoute.ListRoutes().Where(static route => route.Destination == s_v4), Is.EqualTo(new[] { other }));
    }

    [TestCase(NetworkRouteType.Blackhole, SocketError.InvalidArgument)]
    [TestCase(NetworkRouteType.Unreachable, SocketError.HostUnreachable)]
    [TestCase(NetworkRouteType.Prohibit, SocketError.AccessDenied)]
    public void Routes_that_drop_tell_the_sender_so(NetworkRouteType type, SocketError error)
    {
        foreach (var destination in new[] { s_v4, s_v6 })
        {
            var route = new NetworkRoute(destination) { Type = type };
            _lab.LeftRoute.AddRoute(route);
            Assert.That(_lab.LeftRoute.ListRoutes().Single(listed => listed.Destination == destination).Type, Is.EqualTo(type));
            Assert.That(Connect(destination.BaseAddress), Is.EqualTo(error));
            _lab.LeftRoute.DeleteRoute(route);
            Assert.That(Connect(destination.BaseAddress), Is.EqualTo(SocketError.NetworkUnreachable));
        }
    }

    [Test]
    public void A_local_route_delivers_any_address_of_a_network_here()
    {
        var loopback = _lab.LeftRoute.GetLink("lo").Index;
        using var listener = _lab.Left.Run(static () => TcpListener.Create(0)); // of both families, on all addresses
        listener.Start();
        foreach (var destination in new[] { s_v4, s_v6 })
        {
            _lab.LeftRoute.AddRoute(new(destination) { Type = NetworkRouteType.Local, InterfaceIndex = loopback });
            using var client = _lab.Left.Run(() => new TcpClient(destination.BaseAddress.AddressFamily));
            Assert.That(() => client.Connect(destination.BaseAddress, ((IPEndPoint)listener.LocalEndpoint).Port), Throws.Nothing);
        }
    }

    [Test]
    public void A_local_route_in_the_local_table_lets_sockets_be_bound_to_its_addresses()
    {
        var route = new NetworkRoute(s_v4) { Type = NetworkRouteType.Local, InterfaceIndex = _lab.LeftRoute.GetLink("lo").Index, Table = NetworkRoute.LocalTable };
        _lab.LeftRoute.AddRoute(route);
        Assert.That(_lab.LeftRoute.ListRoutes(NetworkRoute.LocalTable), Does.Contain(route));
        using var socket = _lab.Left.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        Assert.That(() => socket.Bind(new IPEndPoint(IPAddress.Parse("198.51.100.7"), 0)), Throws.Nothing);
    }

    [Test]
    public void The_preferred_source_is_what_a_socket_takes()
    {
        var source = IPAddress.Parse("203.0.113.9");
        _lab.LeftRoute.AddAddress(_lab.LeftIndex, source, 32);
        _lab.LeftRoute.AddRoute(new(s_v4) { Gateway = NetlinkLab.RightV4, PreferredSource = source });
        using var socket = _lab.Left.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Connect(IPAddress.Parse("198.51.100.5"), 9);
        Assert.That(((IPEndPoint)socket.LocalEndPoint!).Address, Is.EqualTo(source));
    }

    [Test]
    public void A_gateway_off_the_link_needs_to_be_told_on_link()
    {
        var route = new NetworkRoute(s_v4) { Gateway = IPAddress.Parse("203.0.113.1"), InterfaceIndex = _lab.LeftIndex };
        Assert.That(() => _lab.LeftRoute.AddRoute(route), Throws.TypeOf<NetlinkException>().With.Message.EndsWith("ENETUNREACH (Nexthop has invalid gateway)"));
        _lab.LeftRoute.AddRoute(route with { IsOnLink = true });
        Assert.That(_lab.LeftRoute.ListRoutes(), Does.Contain(route with { IsOnLink = true }));
    }

    [Test]
    public void Tables_are_kept_apart()
    {
        var route = new NetworkRoute(s_v4) { InterfaceIndex = _lab.LeftIndex, Table = 1000 };
        Assert.That(_lab.LeftRoute.ListRoutes(1000), Is.Empty);
        _lab.LeftRoute.AddRoute(route);
        Assert.That(_lab.LeftRoute.ListRoutes(1000), Is.EqualTo(new[] { route }));
        Assert.That(_lab.LeftRoute.ListRoutes(), Does.Not.Contain(route));
        Assert.That(_lab.LeftRoute.ListRoutes(0), Is.SupersetOf(_lab.LeftRoute.ListRoutes(NetworkRoute.LocalTable).Append(route)));
        Assert.That(_lab.LeftRoute.ListRoutes(NetworkRoute.LocalTable).Select(static local => local.Destination), Does.Contain(IPNetwork.Parse("127.0.0.0/8")));
    }

    [Test]
    public void A_route_that_is_missing_cannot_be_deleted() =>
        Assert.That(() => _lab.LeftRoute.DeleteRoute(new(s_v4)), Throws.TypeOf<NetlinkException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.ESRCH));

    [Test]
    public void A_gateway_of_another_family_is_a_mistake_of_the_caller() =>
        Assert.That(() => _lab.LeftRoute.AddRoute(new(s_v6) { Gateway = NetlinkLab.RightV4 }), Throws.ArgumentException);

    private static IPAddress GatewayFor(IPNetwork destination) =>
        destination.BaseAddress.AddressFamily is AddressFamily.InterNetwork ? NetlinkLab.RightV4 : NetlinkLab.RightV6;

    private SocketError Connect(IPAddress address)
    {
        using var socket = _lab.Left.Run(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            socket.Connect(address, 9);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }
}
