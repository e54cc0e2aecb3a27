using System.Net;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Tests.Masquerade;

/// <summary>Which routes lead past the programs.</summary>
internal sealed class RouteLeaksTests
{
    private const uint Up = 1;
    private const uint Loopback = 8;

    [TestCase("0.0.0.0/0", true, TestName = "A_default_route_leaks")]
    [TestCase("203.0.113.0/24", true, TestName = "A_route_to_what_is_translated_leaks")]
    [TestCase("10.0.0.0/8", true, TestName = "A_route_around_what_is_translated_and_what_is_not_leaks")]
    [TestCase("10.1.0.0/16", false, TestName = "A_route_to_what_is_kept_does_not_leak")]
    [TestCase("10.1.2.0/24", false, TestName = "A_route_within_what_is_kept_does_not_leak")]
    [TestCase("10.98.0.0/24", false, TestName = "A_route_to_the_sources_themselves_does_not_leak")]
    [TestCase("fe80::/64", false, TestName = "A_route_to_the_link_does_not_leak")]
    public void Leak(string destination, bool isLeak) =>
        Assert.That(RouteLeaks.Find(State(), [Route(destination, 3)], [Link(3, "eth1")], new HashSet<int> { 2 }).Any(), Is.EqualTo(isLeak));

    [Test]
    public void A_device_that_is_covered_down_or_loopback_does_not_leak()
    {
        NetworkLink[] links = [Link(1, "lo", Up | Loopback), Link(2, "eth0"), Link(3, "eth1", flags: 0)];
        NetworkRoute[] routes = [Route("0.0.0.0/0", 1), Route("0.0.0.0/0", 2), Route("0.0.0.0/0", 3)];
        Assert.That(RouteLeaks.Find(State(), routes, links, new HashSet<int> { 2 }), Is.Empty);
    }

    [Test]
    public void A_way_of_several_leaks()
    {
        var route = new NetworkRoute(IPNetwork.Parse("0.0.0.0/0")) { NextHops = [new() { InterfaceIndex = 2 }, new() { InterfaceIndex = 3 }] };
        Assert.That(
            RouteLeaks.Find(State(), [route], [Link(2, "eth0"), Link(3, "eth1")], new HashSet<int> { 2 }).Single(),
            Is.EqualTo("device 'eth1' is not covered, but routes lead by it to 0.0.0.0/0: packets that the rules translate leave there as they are"));
    }

    [Test]
    public void Of_many_routes_some_are_named()
    {
        var routes = Enumerable.Range(1, 5).Select(static i => Route($"203.0.{i}.0/24", 3)).ToArray();
        Assert.That(
            RouteLeaks.Find(State(), routes, [Link(3, "eth1")], new HashSet<int>()).Single(),
            Does.Contain("203.0.1.0/24, 203.0.2.0/24, 203.0.3.0/24 and 2 others"));
    }

    [Test]
    public void Nothing_leaks_if_nothing_is_translated() =>
        Assert.That(RouteLeaks.Find(MasqueradeState.Off, [Route("0.0.0.0/0", 3)], [Link(3, "eth1")], new HashSet<int>()), Is.Empty);

    private static NetworkRoute Route(string destination, int device) => new(IPNetwork.Parse(destination)) { InterfaceIndex = device };

    private static NetworkLink Link(int index, string name, uint flags = Up) => new() { Index = index, Name = name, Flags = flags };

    private static MasqueradeState State()
    {
        var keep = new MasqueradeVerdict(MasqueradeAction.Keep, MasqueradeReason.NonMasquerade);
        return new(
            new()
            {
                Classes = [new(MasqueradeSourceFacts.Host), new(MasqueradeSourceFacts.PodNetwork)],
                Prefixes = [new(IPNetwork.Parse("10.98.0.0/16"), 1)],
                HostClass = 0,
                ForwardedClass = 0,
            },
            new() { Classes = [MasqueradeDestinationFacts.None, MasqueradeDestinationFacts.NonMasquerade], Prefixes = [new(IPNetwork.Parse("10.1.0.0/16"), 1)] },
            [new("", MasqueradeAddressSource.Device)],
            [keep, keep, new(MasqueradeAction.Translate, MasqueradeReason.Source), keep]);
    }
}
