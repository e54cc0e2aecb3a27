namespace Datapath.Policy.Tests.Objects;

internal sealed class IPRangeTests
{
    [TestCase("10.0.0.0/8", "10.0.0.0/8", true)]
    [TestCase("10.1.2.3/8", "10.0.0.0/8", false)]
    [TestCase("0.0.0.0/0", "0.0.0.0/0", true)]
    [TestCase("255.255.255.255/32", "255.255.255.255/32", true)]
    [TestCase("FD00::1/64", "fd00::/64", false)]
    [TestCase("::/0", "::/0", true)]
    [TestCase("fd00::1/128", "fd00::1/128", true)]
    public void Ranges_are_read(string text, string expected, bool isExact)
    {
        Assert.That(IPRange.TryParse(text, out var range, out var exact));
        Assert.That(range.ToString(), Is.EqualTo(expected));
        Assert.That(exact, Is.EqualTo(isExact));
    }

    [TestCase("10.0.0.0")]
    [TestCase("10.0.0.0/")]
    [TestCase("10.0.0.0/33")]
    [TestCase("10.0.0.0/08")]
    [TestCase("10.0.0.0/-1")]
    [TestCase("10.0.0.0/255.0.0.0")]
    [TestCase("::/129")]
    [TestCase("::ffff:10.0.0.0/104")]
    [TestCase("/8")]
    public void What_is_no_range_is_refused(string text) => Assert.That(IPRange.TryParse(text, out _, out _), Is.False);

    [TestCase("10.0.0.0/8", "10.255.255.255")]
    [TestCase("10.1.2.3/32", "10.1.2.3")]
    [TestCase("0.0.0.0/0", "255.255.255.255")]
    [TestCase("fd00::/64", "fd00::ffff:ffff:ffff:ffff")]
    [TestCase("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void The_last_address_is_known(string text, string last) => Assert.That(Range(text).Last.ToString(), Is.EqualTo(last));

    [TestCase("10.0.0.0/8", "10.0.0.0/8", true)]
    [TestCase("10.0.0.0/8", "10.1.0.0/16", true)]
    [TestCase("10.1.0.0/16", "10.0.0.0/8", false)]
    [TestCase("10.0.0.0/8", "11.0.0.0/16", false)]
    [TestCase("::/0", "10.0.0.0/8", false)]
    public void Ranges_contain_ranges(string around, string part, bool contains) => Assert.That(Range(around).Contains(Range(part)), Is.EqualTo(contains));

    [Test]
    public void A_range_comes_before_those_inside_it_and_IPv4_before_IPv6()
    {
        string[] inOrder = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.0.1.0/24", "11.0.0.0/8", "::/0", "fd00::/8", "fd00::/16"];
        Assert.That(inOrder.Reverse().Select(Range).Order().Select(static range => range.ToString()), Is.EqualTo(inOrder));
    }

    [Test]
    public void Contains_what_the_network_of_the_platform_contains()
    {
        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var isIPv4 = random.Next(2) == 0;
            var bytes = new byte[isIPv4 ? 4 : 16];
            random.NextBytes(bytes);
            var first = new System.Net.IPAddress(bytes);
            var length = random.Next(isIPv4 ? 33 : 129);
            Assert.That(IPRange.TryParse($"{first}/{length}", out var range, out _));
            var network = System.Net.IPNetwork.Parse(range.ToString());
            var bit = random.Next(bytes.Length * 8);
            bytes[bit / 8] ^= (byte)(0x80 >> (bit % 8));
            var other = new System.Net.IPAddress(bytes);
            _ = IPValue.TryParse(other.ToString(), out var value);
            if (range.Contains(value) != network.Contains(other) || range.Contains(value) != bit >= length)
                Assert.Fail($"{range} and {other}");
        }
    }

    private static IPRange Range(string text)
    {
        Assert.That(IPRange.TryParse(text, out var range, out _), text);
        return range;
    }
}
