using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Masquerade;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Devices are found, come, go, and change their addresses; nobody calls for it.</summary>
[LoadTest]
internal sealed class DeviceTests
{
    private static readonly IPAddress s_other4 = IPAddress.Parse("192.168.98.7");
    private static readonly IPAddress s_other6 = IPAddress.Parse("fd99::7");
    private static readonly IPAddress s_public4 = IPAddress.Parse("203.0.113.9");
    private static readonly IPAddress s_wan4 = IPAddress.Parse("192.168.97.1");
    private static readonly IPAddress s_wan6 = IPAddress.Parse("fd97::1");
    private static readonly IPAddress s_behindWan4 = IPAddress.Parse("192.168.97.2");
    private static readonly IPAddress s_behindWan6 = IPAddress.Parse("fd97::2");
    private NatLab _lab = null!;

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void Without_names_those_of_the_default_routes_and_of_the_nodes_addresses_are_meant([Values] NatEngine engine)
    {
        _lab = new(engine, static options => options with { Devices = [], NodeAddresses = [s_public4] });
        Assert.That(Names(), Is.EqualTo(new[] { "eth0" }));
        using (var node = _lab.Node.OpenRouteNetlink())
        {
            NatLab.Configure(node, node.CreateBridge("node0"), (s_public4, 32));
            Eventually.True(() => Names().SequenceEqual(["eth0", "node0"]), "node0 has an address of the node");
            node.DeleteLink(node.GetLink("node0").Index);
            Eventually.True(() => Names().SequenceEqual(["eth0"]), "node0 is gone");
            node.DeleteRoute(new(IPNetwork.Parse("0.0.0.0/0")) { Gateway = IPAddress.Parse("192.168.98.2"), InterfaceIndex = node.GetLink("eth0").Index });
            node.DeleteRoute(new(IPNetwork.Parse("::/0")) { Gateway = IPAddress.Parse("fd99::2"), InterfaceIndex = node.GetLink("eth0").Index });
            Eventually.True(() => Names().Length == 0, "there is no default route");
        }
    }

    [Test]
    public void A_device_that_comes_translates([Values] NatEngine engine, [Values] bool isIPv4)
    {
        _lab = new(engine, static options => options with { Devices = ["wan+"] });
        _lab.Masquerade.Apply(NatLab.Rules());
        AddSecondWay();
        var own = isIPv4 ? s_wan4 : s_wan6;
        Eventually.True(() => _lab.Masquerade.Devices.Any(device => own.Equals(isIPv4 ? device.IPv4 : device.IPv6)), "the device and its address are known");
        using var callee = new Callee(_lab.Router, isIPv4 ? s_behindWan4 : s_behindWan6, ProtocolType.Tcp);
        Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(own));
    }

    [Test]
    public void A_device_translates_while_a_default_route_leads_by_it_and_others_go_on_meanwhile([Values] NatEngine engine, [Values] bool isIPv4)
    {
        _lab = new(engine, static options => options with { Devices = [] });
        _lab.Masquerade.Apply(NatLab.Rules());
        AddSecondWay();
        using var behindWan = new Callee(_lab.Router, isIPv4 ? s_behindWan4 : s_behindWan6, ProtocolType.Udp);
        using var behindEth = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        Assert.That(behindWan.See(_lab.Pod).Address, Is.EqualTo(isIPv4 ? NatLab.Pod4 : NatLab.Pod6), "no default route leads by it");
        using var node = _lab.Node.OpenRouteNetlink();
        var way = new NetworkRoute(IPNetwork.Parse(isIPv4 ? "0.0.0.0/0" : "::/0"))
        {
            Gateway = isIPv4 ? s_behindWan4 : s_behindWan6,
            InterfaceIndex = node.GetLink("wan0").Index,
            Metric = 5000,
        };
        node.AddRoute(way);
        Eventually.True(() => behindWan.See(_lab.Pod).Address.Equals(isIPv4 ? s_wan4 : s_wan6), "a default route leads by it");
        Assert.That(behindEth.See(_lab.Pod).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
        node.DeleteRoute(way);
        Eventually.True(() => behindWan.See(_lab.Pod).Address.Equals(isIPv4 ? NatLab.Pod4 : NatLab.Pod6), "no default route leads by it any more");
        Assert.That(behindEth.See(_lab.Pod).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
    }

    [Test]
    public void A_look_that_fails_is_repeated()
    {
        const int Failing = 50; // more than the kernel tells of changes
        _lab = new();
        var looks = 0;
        using var watcher = _lab.Node.Run(() => new DeviceWatcher(asksRoutes: false, Look) { Patience = TimeSpan.FromMilliseconds(1) });
        watcher.Start();
        Assert.That(watcher.Failure, Is.Null);
        using (var node = _lab.Node.OpenRouteNetlink())
            _ = node.CreateBridge("more0");
        Eventually.True(() => Volatile.Read(ref looks) > Failing && watcher.Failure is null, "it is repeated");

        void Look()
        {
            if (Interlocked.Increment(ref looks) <= Failing)
                throw new LinuxException("list links", Errno.ENOBUFS);
        }
    }

    [Test]
    public void An_address_that_is_replaced_is_for_new_flows_and_ends_old_ones([Values] bool isIPv4)
    {
        _lab = new();
        _lab.Masquerade.Apply(NatLab.Rules());
        var (outside, old, @new) = isIPv4 ? (NatLab.Outside4, NatLab.Node4, s_other4) : (NatLab.Outside6, NatLab.Node6, s_other6);
        var told = Listen();
        using var udp = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Udp);
        using var tcp = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp, port: 8080, sourcePort: 40000);
        using (var node = _lab.Node.OpenRouteNetlink())
        {
            var eth0 = node.GetLink("eth0").Index;
            var length = isIPv4 ? 24 : 64;
            node.DeleteAddress(eth0, old, length);
            node.AddAddress(eth0, @new, length);
            node.ReplaceRoute(new(isIPv4 ? IPNetwork.Parse("0.0.0.0/0") : IPNetwork.Parse("::/0")) { Gateway = IPAddress.Parse(isIPv4 ? "192.168.98.2" : "fd99::2"), InterfaceIndex = eth0 });
        }

        Eventually.True(() => _lab.Masquerade.Devices.Any(device => @new.Equals(isIPv4 ? device.IPv4 : device.IPv6)), "the new address is known");
        Assert.That(_lab.Masquerade.ReadFlows().Where(flow => flow.Translated.Address.Equals(old)), Is.Empty);
        Eventually.True(() => told.Any(change => change is { Device: "eth0", Flows: 2, AreEnded: true } && change.Old.Equals(old)), "the end of the two flows is told");

        // A client whose connection has ended learns it from the other end, which does not know the new address; another one is well.
        Assert.That(tcp.SpeakAlone, Throws.TypeOf<SocketException>().With.Property(nameof(SocketException.SocketErrorCode)).EqualTo(SocketError.ConnectionReset));
        using var later = new Talk(_lab.Pod, _lab.Router, outside, ProtocolType.Tcp);
        later.Exchange();
        Assert.That(later.Client.Address, Is.EqualTo(@new));
    }

    [Test]
    public void Flows_keep_an_address_that_is_no_longer_the_devices_first_until_it_is_gone()
    {
        _lab = new();
        _lab.Masquerade.Apply(NatLab.Rules());
        var told = Listen();
        using var before = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Udp);
        using (var router = _lab.Router.OpenRouteNetlink())
            router.AddRoute(new(IPNetwork.Parse("203.0.113.9/32")) { Gateway = NatLab.Node4, InterfaceIndex = router.GetLink("eth0").Index });
        using var node = _lab.Node.OpenRouteNetlink();
        var eth0 = node.GetLink("eth0").Index;
        node.AddAddress(eth0, s_public4, 32);
        Eventually.True(() => told.Contains(new("eth0", NatLab.Node4, s_public4, 1, AreEnded: false)), "the public address comes first");
        using var after = new Talk(_lab.Pod, _lab.Router, NatLab.Outside4, ProtocolType.Udp);
        Assert.That(after.Client.Address, Is.EqualTo(s_public4));
        before.Exchange();
        Assert.That(before.Client.Address, Is.EqualTo(NatLab.Node4));
        node.AddAddress(eth0, s_other4, 24); // so that the way to the router stays
        node.DeleteAddress(eth0, NatLab.Node4, 24);
        Eventually.True(() => told.Contains(new("eth0", NatLab.Node4, s_public4, 1, AreEnded: true)), "the flow that kept the address has ended");
        Assert.That(_lab.Masquerade.ReadFlows().Select(static flow => flow.Translated.Address), Is.EqualTo(new[] { s_public4 }));
    }

    [Test]
    public void A_route_past_the_devices_is_warned_about()
    {
        _lab = new();
        _lab.Masquerade.Apply(NatLab.Rules());
        Assert.That(_lab.Ebpf.GetStatus().Warnings, Is.Empty);
        using (var node = _lab.Node.OpenRouteNetlink())
            NatLab.Configure(node, node.CreateBridge("side0"), (IPAddress.Parse("10.55.0.1"), 16));
        Assert.That(
            _lab.Ebpf.GetStatus().Warnings.Single(),
            Is.EqualTo("device 'side0' is not covered, but routes lead by it to 10.55.0.0/16: packets that the rules translate leave there as they are"));
    }

    /// <summary>A second device, wan0, by which a network of the router's is reached.</summary>
    private void AddSecondWay()
    {
        using var node = _lab.Node.OpenRouteNetlink();
        NatLab.Configure(node, node.CreateVeth("wan0", "wan0", _lab.Router.Handle), (s_wan4, 24), (s_wan6, 64));
        using var router = _lab.Router.OpenRouteNetlink();
        NatLab.Configure(router, router.GetLink("wan0").Index, (s_behindWan4, 24), (s_behindWan6, 64));
    }

    private string[] Names() => [.. _lab.Masquerade.Devices.Select(static device => device.Name)];

    private ConcurrentQueue<MasqueradeAddressChange> Listen()
    {
        var told = new ConcurrentQueue<MasqueradeAddressChange>();
        _lab.Ebpf.AddressChanged += (_, change) => told.Enqueue(change);
        return told;
    }
}
