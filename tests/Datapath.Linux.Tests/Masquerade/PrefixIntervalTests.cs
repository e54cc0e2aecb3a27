using System.Net;
using Datapath.Linux.Masquerade;

namespace Datapath.Linux.Tests.Masquerade;

public class PrefixIntervalTests
{
    [TestCase("", "")]
    [TestCase("10.0.0.0/8=1", "10.0.0.0-10.255.255.255=1")]
    [TestCase("0.0.0.0/0=7", "0.0.0.0-255.255.255.255=7")]
    [TestCase("10.0.0.0/8=1 10.1.0.0/16=2", "10.0.0.0-10.0.255.255=1 10.1.0.0-10.1.255.255=2 10.2.0.0-10.255.255.255=1")]
    [TestCase("10.0.0.0/8=1 10.0.0.0/16=2", "10.0.0.0-10.0.255.255=2 10.1.0.0-10.255.255.255=1", Description = "both begin alike")]
    [TestCase("10.0.0.0/8=1 10.255.0.0/16=2", "10.0.0.0-10.254.255.255=1 10.255.0.0-10.255.255.255=2", Description = "both end alike")]
    [TestCase("10.0.0.0/8=1 11.0.0.0/8=1", "10.0.0.0-11.255.255.255=1", Description = "neighbours of one class")]
    [TestCase("10.0.0.0/8=1 11.0.0.0/8=2", "10.0.0.0-10.255.255.255=1 11.0.0.0-11.255.255.255=2")]
    [TestCase("10.0.0.0/8=1 10.1.0.0/16=1", "10.0.0.0-10.255.255.255=1", Description = "the longer one says nothing new")]
    [TestCase("0.0.0.0/0=0 255.255.255.255/32=1 0.0.0.0/32=2", "0.0.0.0-0.0.0.0=2 0.0.0.1-255.255.255.254=0 255.255.255.255-255.255.255.255=1")]
    [TestCase("10.0.0.0/8=1 10.0.0.0/8=2", "10.0.0.0-10.255.255.255=2", Description = "the later counts")]
    [TestCase("240.0.0.0/4=1 255.0.0.0/8=2 255.255.255.0/24=3", "240.0.0.0-254.255.255.255=1 255.0.0.0-255.255.254.255=2 255.255.255.0-255.255.255.255=3")]
    public void The_longest_prefix_counts(string prefixes, string expected) => Assert.That(
        string.Join(' ', PrefixIntervals.Flatten(32, prefixes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parse))
            .Select(static interval => $"{Address(interval.First)}-{Address(interval.Last)}={interval.Class}")),
        Is.EqualTo(expected));

    [Test]
    public void The_highest_address_of_IPv6_ends_the_last_interval() => Assert.That(
        PrefixIntervals.Flatten(128, [Parse("::/0=1"), Parse("ff00::/8=2")]),
        Is.EqualTo(new ClassInterval[] { new(0, (UInt128.One << 120) * 255 - 1, 1), new((UInt128.One << 120) * 255, UInt128.MaxValue, 2) }));

    [Test]
    public void Each_address_has_the_class_that_the_longest_prefix_gives_it([Range(1, 40)] int seed, [Values(32, 128)] int width)
    {
        var random = new Random(seed);
        var prefixes = Enumerable.Range(0, 60).Select(_ => RandomPrefix(random, width)).DistinctBy(static prefix => (prefix.First, prefix.Length)).ToArray();
        var intervals = PrefixIntervals.Flatten(width, prefixes);
        for (var i = 1; i < intervals.Count; i++)
        {
            Assert.That(intervals[i].First, Is.GreaterThan(intervals[i - 1].Last));
            Assert.That(intervals[i].First != intervals[i - 1].Last + 1 || intervals[i].Class != intervals[i - 1].Class, "they could be one");
        }

        foreach (var value in prefixes.SelectMany(prefix => Around(prefix, width)))
        {
            byte? expected = prefixes.Where(prefix => IsIn(prefix, value, width)).OrderBy(static prefix => -prefix.Length).Select(static prefix => (byte?)prefix.Class).FirstOrDefault();
            byte? found = intervals.Where(interval => interval.First <= value && value <= interval.Last).Select(static interval => (byte?)interval.Class).SingleOrDefault();
            Assert.That(found, Is.EqualTo(expected), $"value {value} of {string.Join(", ", prefixes)}");
        }
    }

    [TestCase("eth0", "eth0", 128)]
    [TestCase("eth+", "eth", 24)]
    [TestCase("+", "", 0)]
    [TestCase("fifteen-letters", "fifteen-letters", 128)]
    public void A_name_shares_all_bits_and_a_pattern_those_of_its_beginning(string pattern, string bytes, int length)
    {
        var prefix = BitPrefix.Of(new MasqueradeInterface(pattern, 3))!.Value;
        var first = System.Text.Encoding.ASCII.GetBytes(bytes.PadRight(16, '\0'));
        Assert.That(prefix, Is.EqualTo(new BitPrefix(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(first), length, 3)));
    }

    [TestCase("sixteen-letters!")]
    [TestCase("sixteen-letters!+")]
    public void What_no_interface_can_be_called_means_none(string pattern) => Assert.That(BitPrefix.Of(new MasqueradeInterface(pattern, 0)), Is.Null);

    private static BitPrefix Parse(string text)
    {
        var parts = text.Split('=');
        return BitPrefix.Of(new MasqueradePrefix(IPNetwork.Parse(parts[0]), byte.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static IPAddress Address(UInt128 value) => new([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);

    private static BitPrefix RandomPrefix(Random random, int width)
    {
        // Few different bits, so that many lie in each other.
        var length = random.Next(width + 1);
        var value = UInt128.Zero;
        for (var bit = 0; bit < length; bit++)
            value |= (UInt128)(random.Next(8) == 0 ? 1u : 0u) << (width - 1 - bit);
        return new(value, length, (byte)random.Next(4));
    }

    private static bool IsIn(BitPrefix prefix, UInt128 value, int width) =>
        prefix.Length == 0 || value >> (width - prefix.Length) == prefix.First >> (width - prefix.Length);

    private static IEnumerable<UInt128> Around(BitPrefix prefix, int width)
    {
        var highest = UInt128.MaxValue >> (128 - width);
        var last = prefix.Length == 0 ? highest : prefix.First | (prefix.Length == width ? 0 : (UInt128.One << (width - prefix.Length)) - 1);
        return [prefix.First, last, prefix.First == 0 ? 0 : prefix.First - 1, last == highest ? last : last + 1];
    }
}
