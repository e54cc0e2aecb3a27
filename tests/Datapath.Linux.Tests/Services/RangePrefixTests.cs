using System.Net;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

public class RangePrefixTests
{
    [TestCase("0.0.0.0/0")]
    [TestCase("10.0.0.0/8")]
    [TestCase("10.128.0.0/9")]
    [TestCase("10.1.2.3/32")]
    public void A_key_of_IPv4_is_its_prefix(string text)
    {
        var key = Ipv4Ranges.Key(Range(text));
        Assert.That((Ipv4Ranges.PrefixOf(in key), Ipv4Ranges.ProtocolOf(in key)), Is.EqualTo((IPNetwork.Parse(text), L4Protocol.Udp)));
    }

    [TestCase("::/0")]
    [TestCase("fd00::/8")]
    [TestCase("2001:db8::8000:0/97")]
    [TestCase("2001:db8::1/128")]
    public void A_key_of_IPv6_is_its_prefix(string text)
    {
        var key = Ipv6Ranges.Key(Range(text));
        Assert.That((Ipv6Ranges.PrefixOf(in key), Ipv6Ranges.ProtocolOf(in key)), Is.EqualTo((IPNetwork.Parse(text), L4Protocol.Udp)));
    }

    [TestCase("10.255.255.255/32", 9, "10.128.0.0/9")]
    [TestCase("10.1.0.0/16", 16, "10.1.0.0/16")]
    [TestCase("10.1.0.0/16", 0, "0.0.0.0/0")]
    [TestCase("2001:db8::ffff/128", 121, "2001:db8::ff80/121")]
    [TestCase("2001:db8::/32", 8, "2000::/8")]
    public void A_shorter_prefix_is_around(string prefix, int length, string expected) =>
        Assert.That(RangePrefix.Shorten(IPNetwork.Parse(prefix), length), Is.EqualTo(IPNetwork.Parse(expected)));

    [Test]
    public void Bits_behind_the_prefix_do_not_count()
    {
        var key = Ipv4Ranges.Key(Range("10.1.2.3/32"));
        key.PrefixLength = 32 + 23;
        Assert.That(Ipv4Ranges.PrefixOf(in key), Is.EqualTo(IPNetwork.Parse("10.1.2.0/23")));
    }

    [Test]
    public void A_key_of_which_not_even_the_protocol_counts_has_no_prefix() => Assert.That(Ipv4Ranges.PrefixOf(new RangeKey4 { PrefixLength = 31 }), Is.Null);

    private static FrontendRange Range(string prefix) => new(IPNetwork.Parse(prefix), 1, 65535, L4Protocol.Udp, []);
}
