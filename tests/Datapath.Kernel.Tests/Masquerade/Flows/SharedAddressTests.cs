using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade.Flows;

/// <summary>An address that pods' packets leave with has other users: the machine itself, and whom connection tracking translates.</summary>
[TestFixture(true)]
[TestFixture(false)]
[LoadTest]
internal sealed class SharedAddressTests(bool isIPv4)
{
    private readonly IPAddress _outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
    private readonly IPAddress _node = isIPv4 ? NatLab.Node4 : NatLab.Node6;
    private NatLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = new();

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void The_node_and_a_pod_may_have_the_same_port_of_a_fixed_address([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isNodeFirst)
    {
        var shared = IPAddress.Parse(isIPv4 ? "203.0.113.50" : "2001:db8:113::50");
        using (var node = _lab.Node.OpenRouteNetlink())
            node.AddAddress(node.GetLink("lo").Index, shared, Length);
        RouteBack(shared);
        var rules = NatLab.Rules();
        _lab.Masquerade.Apply(new(rules.Sources, rules.Destinations, [new("shared", MasqueradeAddressSource.Fixed) { Addresses = [shared] }], rules.Verdicts));
        using var callee = new Callee(_lab.Router, _outside, protocol);
        using var first = isNodeFirst ? callee.Connect(_lab.Node, 6000, shared) : callee.Connect(_lab.Pod, 6000);
        Assert.That(callee.Exchange(first), Is.EqualTo(new IPEndPoint(shared, 6000)));
        using var second = isNodeFirst ? callee.Connect(_lab.Pod, 6000) : callee.Connect(_lab.Node, 6000, shared);
        AssertOtherPort(callee, second, shared);
        Assert.That(HostMoved, Is.EqualTo(isNodeFirst ? 0 : 1));
    }

    [Test]
    public void The_node_and_a_flow_may_have_the_same_port_of_an_address_that_was_the_devices_before([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol)
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, _outside, protocol);
        using var pod = callee.Connect(_lab.Pod, 6000);
        if (protocol is ProtocolType.Udp)
            Assert.That(callee.Exchange(pod), Is.EqualTo(new IPEndPoint(_node, 6000)));
        var later = IPAddress.Parse(isIPv4 ? "203.0.113.51" : "2001:db8:113::51");
        using (var node = _lab.Node.OpenRouteNetlink())
            node.AddAddress(node.GetLink("eth0").Index, later, Length);
        _lab.Ebpf.RefreshDevices();
        var device = _lab.Masquerade.Devices.Single();
        Assert.That(isIPv4 ? device.IPv4 : device.IPv6, Is.EqualTo(later));
        if (protocol is ProtocolType.Tcp)
            Assert.That(callee.Exchange(pod), Is.EqualTo(new IPEndPoint(_node, 6000)), "a flow that runs keeps its address");
        using var own = callee.Connect(_lab.Node, 6000, _node);
        AssertOtherPort(callee, own, _node);
        Assert.That(HostMoved, Is.EqualTo(1));
    }

    [Test]
    public void A_pod_and_a_guest_that_connection_tracking_translates_may_have_the_same_port([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isGuestFirst)
    {
        using var guest = MakeGuest();
        using var tracking = _lab.Node.Run(static () => NftablesMasquerade.Open(new() { Devices = ["eth0"], Table = "guests" }));
        tracking.Apply(RulesOfGuests());
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, _outside, protocol);
        using var first = callee.Connect(isGuestFirst ? guest : _lab.Pod, 6000);
        Assert.That(callee.Exchange(first), Is.EqualTo(new IPEndPoint(_node, 6000)));
        using var second = callee.Connect(isGuestFirst ? _lab.Pod : guest, 6000);
        AssertOtherPort(callee, second, _node);
        Assert.That(HostMoved, Is.EqualTo(isGuestFirst ? 0 : 1));
    }

    [Test]
    public void Where_all_ports_are_guests_a_pod_gets_one_and_the_guest_that_goes_on_gets_another()
    {
        _lab.Reopen(_lab.Options with { FirstPort = 40000, LastPort = 40001 });
        using var guest = MakeGuest();
        using var tracking = _lab.Node.Run(static () => NftablesMasquerade.Open(new() { Devices = ["eth0"], Table = "guests" }));
        tracking.Apply(RulesOfGuests());
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, _outside, ProtocolType.Udp);
        using var first = callee.Connect(guest, 40000);
        Assert.That(callee.Exchange(first).Port, Is.EqualTo(40000));
        using (new Callee(_lab.Node, _node, ProtocolType.Udp, 40001))
            Assert.That(callee.TakeFrom(_lab.Pod, 40001).Port, Is.EqualTo(40000));
        Assert.That(callee.Exchange(first), Is.EqualTo(new IPEndPoint(_node, 40001)));
        Assert.That(HostMoved, Is.EqualTo(1));
    }

    private int Length => isIPv4 ? 32 : 128;

    private long HostMoved => _lab.Masquerade.ReadCounters()[nameof(NatCounter.HostMoved)];

    private static void AssertOtherPort(Callee callee, Socket client, IPAddress address)
    {
        var seen = callee.Exchange(client);
        Assert.That((seen.Address, seen.Port), Is.EqualTo((address, seen.Port)));
        Assert.That(seen.Port, Is.Not.EqualTo(6000));
    }

    private void RouteBack(IPAddress address)
    {
        using var router = _lab.Router.OpenRouteNetlink();
        router.AddRoute(new(new IPNetwork(address, Length)) { Gateway = _node, InterfaceIndex = router.GetLink("eth0").Index });
    }

    private NetworkNamespace MakeGuest()
    {
        var guest = NetworkNamespace.Create();
        guest.Run(static () => File.WriteAllText("/proc/sys/net/ipv6/conf/default/accept_dad", "0"));
        using (var node = _lab.Node.OpenRouteNetlink())
            NatLab.Configure(node, node.CreateVeth("guest0", "eth0", guest.Handle), (IPAddress.Parse("172.30.0.1"), 24), (IPAddress.Parse("fd30::1"), 64));
        using var route = guest.OpenRouteNetlink();
        var eth0 = route.GetLink("eth0").Index;
        NatLab.Configure(route, eth0, (IPAddress.Parse("172.30.0.2"), 24), (IPAddress.Parse("fd30::2"), 64));
        route.AddRoute(new(IPNetwork.Parse("0.0.0.0/0")) { Gateway = IPAddress.Parse("172.30.0.1"), InterfaceIndex = eth0 });
        route.AddRoute(new(IPNetwork.Parse("::/0")) { Gateway = IPAddress.Parse("fd30::1"), InterfaceIndex = eth0 });
        return guest;
    }

    private static MasqueradeState RulesOfGuests()
    {
        var rules = NatLab.Rules();
        return new(
            rules.Sources with { Prefixes = [new(IPNetwork.Parse("172.30.0.0/24"), 2), new(IPNetwork.Parse("fd30::/64"), 2)] }, rules.Destinations, rules.AddressChoices, rules.Verdicts);
    }
}
