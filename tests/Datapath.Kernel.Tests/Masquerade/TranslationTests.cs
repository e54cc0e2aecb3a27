using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>What the outside sees of a pod, and what finds its way back.</summary>
[TestFixture(NatEngine.Ebpf)]
[TestFixture(NatEngine.Nftables, Category = "Load")] // the virtual machines have no modules of nf_tables
internal sealed class TranslationTests(NatEngine engine)
{
    private NatLab _lab = null!;

    [SetUp]
    public void StartLab() => _lab = new(engine);

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void The_outside_sees_the_nodes_address_and_its_answer_finds_back([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, protocol);
        Assert.That(callee.TakeFrom(_lab.Pod, sourcePort: 5000), Is.EqualTo(new IPEndPoint(isIPv4 ? NatLab.Node4 : NatLab.Node6, 5000)));
        var flow = _lab.Masquerade.ReadFlows().Single();
        Assert.That((flow.Source, flow.Translated, flow.Peer, flow.IsAnswered), Is.EqualTo((
            new FlowEnd(isIPv4 ? NatLab.Pod4 : NatLab.Pod6, 5000), new FlowEnd(isIPv4 ? NatLab.Node4 : NatLab.Node6, 5000),
            new FlowEnd(callee.Address.Address, (ushort)callee.Address.Port), true)));
    }

    [Test]
    [LoadTest]
    public void Much_of_it_arrives_whole([Values] bool isIPv4)
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Tcp);
        _ = callee.TakeFrom(_lab.Pod, length: 8 << 20);
    }

    [Test]
    public void Destinations_that_are_kept_see_the_pods_address([Values] bool isIPv4)
    {
        _lab.RouteBack();
        _lab.Masquerade.Apply(NatLab.Rules("198.51.100.0/24", "2001:db8:99::/48"));
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Tcp);
        Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(isIPv4 ? NatLab.Pod4 : NatLab.Pod6));
        Assert.That(_lab.Masquerade.ReadFlows(), Is.Empty);
    }

    [Test]
    public void A_change_of_the_rules_is_for_new_flows_and_those_that_run_keep_what_they_have([Values] bool isIPv4)
    {
        _lab.RouteBack();
        var outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        using var callee = new Callee(_lab.Router, outside, ProtocolType.Udp);
        _lab.Masquerade.Apply(NatLab.Rules());
        using var translated = callee.Connect(_lab.Pod);
        Assert.That(callee.Exchange(translated).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
        _lab.Masquerade.Apply(NatLab.Rules("198.51.100.0/24", "2001:db8:99::/48"));
        using var kept = callee.Connect(_lab.Pod);
        Assert.That(callee.Exchange(kept).Address, Is.EqualTo(isIPv4 ? NatLab.Pod4 : NatLab.Pod6));
        _lab.Masquerade.Apply(NatLab.Rules());
        Assert.That(callee.Exchange(kept).Address, Is.EqualTo(isIPv4 ? NatLab.Pod4 : NatLab.Pod6));
        Assert.That(callee.Exchange(translated).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
    }

    [Test]
    public void The_answer_of_a_pod_that_was_called_from_outside_is_never_translated([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4)
    {
        _lab.RouteBack();
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Pod, isIPv4 ? NatLab.Pod4 : NatLab.Pod6, protocol);
        _ = callee.TakeFrom(_lab.Router);
        Assert.That(_lab.Masquerade.ReadFlows(), Is.Empty);
    }

    [Test]
    public void An_error_from_outside_reaches_the_socket_that_it_is_about([Values] bool isIPv4)
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        using var client = _lab.Pod.Run(() =>
        {
            var address = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
            var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 5000 };
            socket.Connect(new IPEndPoint(address, 9));
            return socket;
        });
        _ = client.Send([1]);
        Assert.That(Assert.Throws<SocketException>(() => client.Receive(new byte[1]))!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
    }

    [Test]
    public void The_node_and_a_pod_may_have_the_same_port_towards_the_same_peer([Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values] bool isIPv4, [Values] bool isNodeFirst)
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        var node = isIPv4 ? NatLab.Node4 : NatLab.Node6;
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, protocol);
        using var first = callee.Connect(isNodeFirst ? _lab.Node : _lab.Pod, 6000);
        Assert.That(callee.Exchange(first), Is.EqualTo(new IPEndPoint(node, 6000)));
        using var second = callee.Connect(isNodeFirst ? _lab.Pod : _lab.Node, 6000);
        var seen = callee.Exchange(second);
        Assert.That((seen.Address, seen.Port), Is.EqualTo((node, seen.Port)));
        Assert.That(seen.Port, Is.Not.EqualTo(6000));
    }
}
