using System.Net;
using Datapath.Linux;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class RouteFormTests
{
    private static readonly IPNetwork s_v4 = IPNetwork.Parse("198.51.100.0/24");
    private static readonly IPNetwork s_v6 = IPNetwork.Parse("2001:db8:ffff::/48");

    private NetlinkLab _lab = null!;

    [SetUp]
    public void MakeLab() => _lab = new();

    [TearDown]
    public void DropLab() => _lab.Dispose();

    [Test]
    public void A_route_with_several_next_hops_is_listed_with_them_and_can_be_deleted()
    {
        foreach (var (destination, hops) in new (IPNetwork, string[])[] { (s_v4, ["192.0.2.2", "192.0.2.3"]), (s_v6, ["2001:db8::2", "2001:db8::3"]) })
        {
            var route = new NetworkRoute(destination)
            {
                Metric = 10,
                NextHops =
                [
                    new() { Gateway = IPAddress.Parse(hops[0]), InterfaceIndex = _lab.LeftIndex, Weight = 3 },
                    new() { Gateway = IPAddress.Parse(hops[1]), InterfaceIndex = _lab.LeftIndex },
                ],
            };
            _lab.LeftRoute.AddRoute(route);
            var listed = _lab.LeftRoute.ListRoutes().Single(item => item.Destination == destination);
            Assert.That(listed.NextHops, Is.EquivalentTo(route.NextHops));
            Assert.That(listed with { NextHops = [] }, Is.EqualTo(route with { NextHops = [] }));
            _lab.LeftRoute.DeleteRoute(listed);
            Assert.That(_lab.LeftRoute.ListRoutes().Select(static item => item.Destination), Does.Not.Contain(destination));
        }
    }

    [Test]
    public void Next_hops_are_tried_by_flow()
    {
        _lab.LeftRoute.AddAddress(_lab.LeftIndex, IPAddress.Parse("203.0.113.1"), 24);
        _lab.LeftRoute.AddRoute(new(s_v4)
        {
            NextHops = [new() { Gateway = NetlinkLab.RightV4 }, new() { Gateway = IPAddress.Parse("203.0.113.2") }],
        });
        var gateways = Enumerable.Range(1, 100).Select(i => _lab.LeftRoute.GetRoute(new(new IPAddress([198, 51, 100, (byte)i]))).Gateway!.ToString()).Distinct();
        Assert.That(gateways, Is.EquivalentTo(new[] { "192.0.2.2", "203.0.113.2" }));
    }

    [Test]
    public void Metrics_scope_and_source_are_listed_as_they_were_given()
    {
        var mine = IPAddress.Parse("203.0.113.1");
        _lab.LeftRoute.AddAddress(_lab.LeftIndex, mine, 32);
        NetworkRoute[] routes =
        [
            new(s_v4) { Gateway = NetlinkLab.RightV4, InterfaceIndex = _lab.LeftIndex, Mtu = 1400, AdvertisedMss = 1300, PreferredSource = mine, Protocol = 201 },
            new(s_v6) { Gateway = NetlinkLab.RightV6, InterfaceIndex = _lab.LeftIndex, Mtu = 1400, AdvertisedMss = 1300, Metric = 7, Protocol = 201 },
            new(IPNetwork.Parse("198.18.0.0/15")) { InterfaceIndex = _lab.LeftIndex, Scope = NetworkRouteScope.Universe },
            new(IPNetwork.Parse("203.0.113.128/25")) { Gateway = IPAddress.Parse("100.64.0.1"), InterfaceIndex = _lab.LeftIndex, IsOnLink = true },
            new(IPNetwork.Parse("203.0.114.0/24")) { Gateway = NetlinkLab.RightV6, InterfaceIndex = _lab.LeftIndex },
            new(IPNetwork.Parse("203.0.115.0/24")) { InterfaceIndex = _lab.LeftIndex, Metric = 4_000_000_000 },
            new(s_v6) { InterfaceIndex = _lab.LeftIndex, Metric = 4_000_000_000 },
        ];
        foreach (var route in routes)
        {
            _lab.LeftRoute.AddRoute(route);
            Assert.That(_lab.LeftRoute.ListRoutes(), Does.Contain(route));
            _lab.LeftRoute.DeleteRoute(route);
            Assert.That(_lab.LeftRoute.ListRoutes(), Does.Not.Contain(route));
        }
    }

    [Test]
    public void Routes_for_types_of_service_are_told_apart()
    {
        var any = new NetworkRoute(s_v4) { InterfaceIndex = _lab.LeftIndex };
        var some = any with { TypeOfService = 0x10 };
        _lab.LeftRoute.AddRoute(any);
        _lab.LeftRoute.AddRoute(some);
        Assert.That(Listed(), Is.EquivalentTo(new[] { any, some }));
        _lab.LeftRoute.DeleteRoute(Listed().Single(static route => route.TypeOfService == 0x10));
        Assert.That(Listed(), Is.EqualTo(new[] { any }));
        Assert.That(
            () => _lab.LeftRoute.AddRoute(some with { TypeOfService = 1 }),
            Throws.TypeOf<NetlinkException>().With.Message.StartsWith("add route to 198.51.100.0/24 tos 0x1 from interface"));

        IEnumerable<NetworkRoute> Listed() => _lab.LeftRoute.ListRoutes().Where(static route => route.Destination == s_v4);
    }

    [TestCase("198.51.100.0/24", "192.0.2.2")]
    [TestCase("2001:db8:ffff::/48", "2001:db8::2")]
    public void A_route_by_a_next_hop_object_is_listed_with_it_and_what_it_says(string destination, string gateway)
    {
        NextHopObjects.Add(_lab.Left, id: 7, _lab.LeftIndex, IPAddress.Parse(gateway));
        var route = new NetworkRoute(IPNetwork.Parse(destination)) { Metric = 10, NextHopId = 7 };
        _lab.LeftRoute.AddRoute(route);
        var listed = _lab.LeftRoute.ListRoutes().Single(item => item.Destination == route.Destination);
        Assert.That(listed, Is.EqualTo(route with { Gateway = IPAddress.Parse(gateway), InterfaceIndex = _lab.LeftIndex }));
        _lab.LeftRoute.ReplaceRoute(listed);
        _lab.LeftRoute.DeleteRoute(listed);
        Assert.That(_lab.LeftRoute.ListRoutes().Select(static item => item.Destination), Does.Not.Contain(route.Destination));
        Assert.That(
            () => _lab.LeftRoute.AddRoute(route with { NextHopId = 8 }),
            Throws.TypeOf<NetlinkException>().With.Message.StartsWith($"add route to {destination} by next hop 8: EINVAL"));
    }

    [Test]
    public void What_a_route_puts_round_packets_is_not_left_out_silently()
    {
        var route = new NetworkRoute(s_v4) { InterfaceIndex = _lab.LeftIndex, Encapsulation = RouteEncapsulation.Mpls };
        Assert.That(() => _lab.LeftRoute.AddRoute(route), Throws.ArgumentException);
        Assert.That(() => _lab.LeftRoute.ReplaceRoute(new(s_v4) { NextHops = [new() { Gateway = NetlinkLab.RightV4, Encapsulation = RouteEncapsulation.Bpf }] }), Throws.ArgumentException);
        _lab.LeftRoute.AddRoute(route with { Encapsulation = RouteEncapsulation.None });
        Assert.That(() => _lab.LeftRoute.DeleteRoute(route), Throws.Nothing);
    }

    [Test]
    public void A_table_has_any_number_of_32_bits()
    {
        var route = new NetworkRoute(s_v4) { InterfaceIndex = _lab.LeftIndex, Table = 4_000_000_000 };
        _lab.LeftRoute.AddRoute(route);
        Assert.That(_lab.LeftRoute.ListRoutes(4_000_000_000), Is.EqualTo(new[] { route }));
        _lab.LeftRoute.DeleteRoute(_lab.LeftRoute.ListRoutes(4_000_000_000).Single());
        Assert.That(_lab.LeftRoute.ListRoutes(4_000_000_000), Is.Empty);
    }

    [Test]
    public void A_route_for_packets_of_one_source_is_listed_with_it_and_deleted_alone()
    {
        var all = new NetworkRoute(s_v6) { InterfaceIndex = _lab.LeftIndex, Metric = 7 };
        var some = all with { Source = IPNetwork.Parse("2001:db8:1::/48") };
        _lab.LeftRoute.AddRoute(all);
        try
        {
            _lab.LeftRoute.AddRoute(some);
        }
        catch (NetlinkException e) when (e.Errno is Errno.EINVAL)
        {
            Assert.Ignore("the kernel was built without CONFIG_IPV6_SUBTREES");
        }

        Assert.That(Listed(), Is.EquivalentTo(new[] { all, some }));
        _lab.LeftRoute.DeleteRoute(Listed().Single(static route => route.Source is not null));
        Assert.That(Listed(), Is.EqualTo(new[] { all }));

        IEnumerable<NetworkRoute> Listed() => _lab.LeftRoute.ListRoutes().Where(static route => route.Destination == s_v6);
    }

    [Test]
    public void A_source_of_an_IPv4_route_is_a_mistake_of_the_caller() =>
        Assert.That(() => _lab.LeftRoute.AddRoute(new(s_v4) { InterfaceIndex = _lab.LeftIndex, Source = s_v4 }), Throws.ArgumentException);

    [TestCase("192.0.2.2", "192.0.2.1")]
    [TestCase("2001:db8::2", "2001:db8::1")]
    public void A_lookup_says_the_way_and_the_address_of_the_sender(string destination, string source)
    {
        var way = _lab.LeftRoute.GetRoute(new(IPAddress.Parse(destination)));
        Assert.That((way.InterfaceIndex, way.PreferredSource, way.Gateway, way.Type, way.Table), Is.EqualTo(
            (_lab.LeftIndex, IPAddress.Parse(source), (IPAddress?)null, NetworkRouteType.Unicast, NetworkRoute.MainTable)));

        // IPv6 makes the route to an own address a moment after the address.
        Lab.Eventually.True(() => _lab.LeftRoute.GetRoute(new(IPAddress.Parse(source))).Type is NetworkRouteType.Local, "an own address is delivered here");
        Assert.That(
            _lab.LeftRoute.GetRoute(new(IPAddress.Parse(destination)) { Source = IPAddress.Parse(source), OutputIndex = _lab.LeftIndex }).InterfaceIndex,
            Is.EqualTo(_lab.LeftIndex));
    }

    [TestCase("198.51.100.1")]
    [TestCase("2001:db8:ffff::1")]
    public void A_lookup_without_a_way_says_so(string destination) =>
        Assert.That(() => _lab.LeftRoute.GetRoute(new(IPAddress.Parse(destination))), Throws.TypeOf<NetlinkException>()
            .With.Message.StartsWith($"find the route to {destination}: ENETUNREACH"));

    [Test]
    public void What_cannot_be_together_is_a_mistake_of_the_caller()
    {
        var hop = new NetworkNextHop { Gateway = NetlinkLab.RightV4 };
        Assert.That(() => _lab.LeftRoute.AddRoute(new(s_v4) { Gateway = NetlinkLab.RightV4, NextHops = [hop] }), Throws.ArgumentException);
        Assert.That(() => _lab.LeftRoute.AddRoute(new(s_v4) { NextHops = [hop with { Weight = 0 }] }), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => _lab.LeftRoute.GetRoute(new(NetlinkLab.RightV4) { Source = NetlinkLab.RightV6 }), Throws.ArgumentException);
    }

    [Test]
    public void Lists_of_next_hops_are_equal_by_their_elements()
    {
        NextHopList one = [new() { InterfaceIndex = 1 }, new() { InterfaceIndex = 2 }];
        NextHopList same = [new() { InterfaceIndex = 1 }, new() { InterfaceIndex = 2 }];
        NextHopList turned = [new() { InterfaceIndex = 2 }, new() { InterfaceIndex = 1 }];
        Assert.That((one.Equals(same), one.GetHashCode() == same.GetHashCode(), one.Equals(turned)), Is.EqualTo((true, true, false)));
    }
}
