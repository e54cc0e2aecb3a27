using System.Net;

namespace Datapath.Policy.Tests.Masquerade;

/// <summary>How much of the ports towards each peer is in use.</summary>
public class MasqueradePortUseTests
{
    [Test]
    public void Each_address_has_its_ports_towards_each_peer_and_protocol()
    {
        MasqueradeFlow[] flows =
        [
            Flow("192.0.2.1", 1001, "198.51.100.7", 443), Flow("192.0.2.1", 1002, "198.51.100.7", 443), Flow("192.0.2.2", 1001, "198.51.100.7", 443),
            Flow("192.0.2.1", 1001, "198.51.100.7", 80), Flow("192.0.2.1", 1001, "198.51.100.7", 443, protocol: 17), Flow("2001:db8::1", 1001, "2001:db8::7", 443),
        ];
        var uses = MasqueradePortUse.Of(flows, ports: 8);
        Assert.That(uses, Has.Length.EqualTo(5));
        Assert.That(uses[0], Is.EqualTo(new MasqueradePortUse(IPAddress.Parse("192.0.2.1"), new(IPAddress.Parse("198.51.100.7"), 443), 6, 2, 0.25)));
        Assert.That(uses[0].ToString(), Is.EqualTo("25 % of the ports of 192.0.2.1 towards 198.51.100.7:443 (TCP)"));
        Assert.That(uses.Skip(1).Select(static use => use.Use), Is.All.EqualTo(0.125));
        Assert.That(uses[^1].ToString(), Is.EqualTo("13 % of the ports of 2001:db8::1 towards [2001:db8::7]:443 (TCP)"));
    }

    [Test]
    public void A_range_that_was_made_smaller_is_full_at_most() =>
        Assert.That(MasqueradePortUse.Of([Flow("192.0.2.1", 1, "198.51.100.7", 1), Flow("192.0.2.1", 2, "198.51.100.7", 1)], ports: 1)[0].Use, Is.EqualTo(1));

    [Test]
    public void A_mapping_for_all_peers_is_towards_all()
    {
        MasqueradeFlow[] flows = [Flow("192.0.2.1", 1001, "192.0.2.1", 0, protocol: 17), Flow("192.0.2.1", 1001, "198.51.100.7", 53, protocol: 17)];
        Assert.That(flows.Select(static flow => flow.IsMapping), Is.EqualTo(new[] { true, false }));
        Assert.That(MasqueradePortUse.Of(flows, ports: 4)[0].ToString(), Is.EqualTo("25 % of the ports of 192.0.2.1 towards all peers (UDP)"));
    }

    [Test]
    public void A_range_without_ports_is_a_mistake() => Assert.Throws<ArgumentOutOfRangeException>(static () => MasqueradePortUse.Of([], ports: 0));

    [TestCase("tcp", 6, "TCP")]
    [TestCase("ICMPv6", 58, "ICMPv6")]
    [TestCase("132", 132, "SCTP")]
    [TestCase("99", 99, "99")]
    public void Protocols_have_names_and_numbers(string text, byte number, string name)
    {
        Assert.That(FlowProtocol.TryParse(text, out var protocol));
        Assert.That((protocol, FlowProtocol.NameOf(protocol)), Is.EqualTo((number, name)));
    }

    [TestCase("")]
    [TestCase("256")]
    [TestCase("tcp ")]
    [TestCase(null)]
    public void Other_texts_are_no_protocols(string? text) => Assert.That(FlowProtocol.TryParse(text, out _), Is.False);

    private static MasqueradeFlow Flow(string translated, ushort port, string peer, ushort peerPort, byte protocol = 6) => new(
        new(IPAddress.Parse("10.244.0.1"), 40000), new(IPAddress.Parse(translated), port), new(IPAddress.Parse(peer), peerPort), protocol, TimeSpan.Zero, TimeSpan.Zero, true);
}
