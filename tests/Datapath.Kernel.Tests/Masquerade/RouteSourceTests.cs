using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Packets get the source address of the route by which they leave.</summary>
[TestFixture]
[MinimumKernel("6.7", "the source address of a route, told to programs")]
internal sealed class RouteSourceTests
{
    private static readonly IPAddress s_hint4 = IPAddress.Parse("203.0.113.9");
    private static readonly IPAddress s_hint6 = IPAddress.Parse("2001:db8:9::9");

    [Test]
    public void The_hint_of_the_route_is_what_the_outside_sees([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        using var lab = new NatLab();
        var rules = NatLab.Rules();
        lab.Masquerade.Apply(new(rules.Sources, rules.Destinations, [new("", MasqueradeAddressSource.Route)], rules.Verdicts));
        var (outside, hint) = isIPv4 ? (NatLab.Outside4, s_hint4) : (NatLab.Outside6, s_hint6);
        using var callee = new Callee(lab.Router, outside, protocol);
        Assert.That(callee.TakeFrom(lab.Pod).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6), "a route without a hint");
        using (var node = lab.Node.OpenRouteNetlink())
        {
            node.AddAddress(node.GetLink("lo").Index, hint, isIPv4 ? 32 : 128);
            node.AddRoute(new(new IPNetwork(outside, isIPv4 ? 32 : 128))
            {
                Gateway = IPAddress.Parse(isIPv4 ? "192.168.98.2" : "fd99::2"),
                InterfaceIndex = node.GetLink("eth0").Index,
                PreferredSource = hint,
            });
        }

        using (var router = lab.Router.OpenRouteNetlink())
            router.AddRoute(new(new IPNetwork(hint, isIPv4 ? 32 : 128)) { Gateway = isIPv4 ? NatLab.Node4 : NatLab.Node6, InterfaceIndex = router.GetLink("eth0").Index });
        Assert.That(callee.TakeFrom(lab.Pod, 5000, 999), Is.EqualTo(new IPEndPoint(hint, 5000)));
        Assert.That(lab.Masquerade.ReadCounters()[nameof(NatCounter.NoRouteSource)], Is.Zero);
    }
}
