using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Kernel.Tests.Lab;

namespace Datapath.Kernel.Tests.Masquerade.Flows;

/// <summary>What is decided of a flow lasts as long as the flow, and no longer.</summary>
[LoadTest]
internal sealed class KeptFlowTests
{
    private NatLab _lab = null!;

    [SetUp]
    public void StartLab()
    {
        _lab = new();
        _lab.RouteBack();
    }

    [TearDown]
    public void StopLab() => _lab.Dispose();

    [Test]
    public void A_flow_that_sends_before_there_are_rules_is_translated_when_there_are([Values] bool isIPv4)
    {
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        using var client = callee.Connect(_lab.Pod, 5000);
        Assert.That(callee.Exchange(client).Address, Is.EqualTo(isIPv4 ? NatLab.Pod4 : NatLab.Pod6));
        _lab.Masquerade.Apply(NatLab.Rules());
        Assert.That(callee.Exchange(client).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
    }

    [Test]
    [Pairwise]
    public void Answers_to_who_calls_from_outside_are_left_alone_whatever_the_rules_know_the_source_by(
        [Values] bool isIPv4, [Values(ProtocolType.Tcp, ProtocolType.Udp)] ProtocolType protocol, [Values("address", "forwarded", "pod0", "pod+")] string known)
    {
        _lab.Masquerade.Apply(known switch
        {
            "address" => NatLab.Rules(),
            "forwarded" => NatLab.RulesByOrigin(),
            _ => NatLab.RulesByOrigin(known),
        });
        using var call = new Talk(_lab.Router, _lab.Pod, isIPv4 ? NatLab.Pod4 : NatLab.Pod6, protocol, port: 8080);
        call.Exchange();
        call.Exchange(isServerFirst: true);
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Udp);
        Assert.That(callee.TakeFrom(_lab.Pod).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6), "the rules translate");
    }

    [Test]
    public void A_connection_by_the_ports_of_one_that_was_left_alone_follows_the_rules_of_its_own_time([Values] bool isIPv4)
    {
        var outside = isIPv4 ? NatLab.Outside4 : NatLab.Outside6;
        _lab.Masquerade.Apply(NatLab.Rules(isIPv4 ? "198.51.100.1/32" : "2001:db8:99::1/128"));
        using var callee = new Callee(_lab.Router, outside, ProtocolType.Tcp);
        using (var first = callee.Connect(_lab.Pod, 42000))
        {
            Assert.That(callee.Exchange(first).Address, Is.EqualTo(isIPv4 ? NatLab.Pod4 : NatLab.Pod6));
            first.LingerState = new(enable: true, seconds: 0); // it ends with a reset
        }

        _lab.Masquerade.Apply(NatLab.Rules());
        using var second = callee.Connect(_lab.Pod, 42000);
        Assert.That(callee.Exchange(second).Address, Is.EqualTo(isIPv4 ? NatLab.Node4 : NatLab.Node6));
    }

    [Test]
    public void A_connection_by_the_ports_of_one_that_was_reset_lives_as_long_as_any([Values] bool isIPv4)
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        using var callee = new Callee(_lab.Router, isIPv4 ? NatLab.Outside4 : NatLab.Outside6, ProtocolType.Tcp);
        using (var first = callee.Connect(_lab.Pod, 42000))
        {
            _ = callee.Exchange(first);
            first.LingerState = new(enable: true, seconds: 0);
        }

        Assert.That(_lab.Masquerade.ReadFlows().Single().ExpiresIn, Is.LessThan(TimeSpan.FromMinutes(1)));
        using var second = callee.Connect(_lab.Pod, 42000);
        _ = second.Send([1]);
        Assert.That(_lab.Masquerade.ReadFlows().Single().ExpiresIn, Is.GreaterThan(TimeSpan.FromMinutes(1)));
    }

    [TestCase(6, 12)]
    [TestCase(17, 6)]
    public void A_packet_whose_ports_cannot_be_read_does_not_leave(int protocol, int length)
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        Send(protocol, new byte[length]);
        Assert.That(_lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedMalformed)], Is.EqualTo(1));
    }

    [TestCase(13)] // timestamp
    [TestCase(42)] // extended echo
    public void An_ICMP_message_without_a_flow_is_of_a_protocol_that_cannot_be_translated(byte type)
    {
        _lab.Masquerade.Apply(NatLab.Rules());
        Send(1, [type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Assert.That(_lab.Masquerade.ReadCounters()[nameof(NatCounter.RefusedProtocol)], Is.EqualTo(1));
    }

    private void Send(int protocol, byte[] payload) => _lab.Pod.Run(() =>
    {
        using var socket = OtherProtocolTests.Open(_lab.Pod, protocol, NatLab.Pod4);
        _ = socket.SendTo(payload, new IPEndPoint(NatLab.Outside4, 0));
    });
}
