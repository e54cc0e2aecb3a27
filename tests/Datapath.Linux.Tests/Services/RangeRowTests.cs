using System.Net;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

public class RangeRowTests
{
    [Test]
    public void Each_prefix_and_protocol_has_a_row()
    {
        var (wide, narrow, inside) = (Range("10.0.0.0/8", 1, 100), Range("10.0.0.0/8", 40, 49), Range("10.1.0.0/16", 200, 200));
        var udp = wide with { Protocol = L4Protocol.Udp };
        var rows = RangeRow.Of([wide, narrow, inside, udp]).ToArray();
        Assert.That(rows.Select(static row => (row.Prefix, row.Ports.Length)), Is.EqualTo(new[] { (wide, 3), (inside, 4), (udp, 1) }));
    }

    [Test]
    public void A_row_is_what_all_ranges_make_of_its_prefix()
    {
        var random = new Random(1);
        FrontendRange[] ranges = [.. Enumerable.Range(0, 300).Select(_ => Random(random)).DistinctBy(static range => new RangePlace(range))];
        var rows = RangeRow.Of(ranges).ToArray();
        Assert.That(rows, Has.Length.GreaterThan(100));
        foreach (var row in rows)
            Assert.That(row.Ports, Is.EqualTo(RangePorts.Of(row.Prefix, ranges)), row.Prefix.ToString());
        Assert.That(rows.Max(static row => row.Ports.Length), Is.GreaterThan(8));
    }

    private static FrontendRange Random(Random random)
    {
        var text = random.Next(2) == 0 ? $"10.{random.Next(4)}.{random.Next(4) * 64}.0/{random.Next(8, 33)}" : $"fd00:{random.Next(4)}::{random.Next(4)}/{random.Next(8, 129)}";
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var address = new IPNetwork(IPAddress.Parse(text[..slash]), IPAddress.Parse(text[..slash]).GetAddressBytes().Length * 8);
        var first = (ushort)random.Next(1, 200);
        return Range("::/0", first, (ushort)(first + random.Next(20))) with
        {
            Prefix = RangePrefix.Shorten(address, int.Parse(text[(slash + 1)..], System.Globalization.CultureInfo.InvariantCulture)),
            Protocol = random.Next(3) == 0 ? L4Protocol.Udp : L4Protocol.Tcp,
        };
    }

    [Test]
    public void A_range_around_loopback_leaves_it_alone()
    {
        var (all, all6, around, inside) = (Range("0.0.0.0/0", 80, 80), Range("::/0", 80, 80), Range("126.0.0.0/7", 81, 81), Range("127.1.0.0/16", 82, 82));
        Assert.That(Rows(all, around, inside), Is.EqualTo(new[] { "127.0.0.0/8:", "0.0.0.0/32:", "0.0.0.0/0: 80", "126.0.0.0/7: 80 81", "127.1.0.0/16: 82" }));
        Assert.That(Rows(all6), Is.EqualTo(new[] { "::1/128:", "::/128:", "::/0: 80" }));
        Assert.That(Rows(all, Range("127.0.0.0/8", 83, 83)), Is.EqualTo(new[] { "0.0.0.0/32:", "0.0.0.0/0: 80", "127.0.0.0/8: 83" }));
        Assert.That(Rows(Range("127.0.0.0/8", 83, 83), inside), Is.EqualTo(new[] { "127.0.0.0/8: 83", "127.1.0.0/16: 82 83" }));
        Assert.That(Rows(Range("0.0.0.0/1", 80, 80)), Is.EqualTo(new[] { "127.0.0.0/8:", "0.0.0.0/32:", "0.0.0.0/1: 80" }));

        static IEnumerable<string> Rows(params FrontendRange[] ranges) =>
            RangeRow.Of(ranges).Select(static row => $"{row.Prefix.Prefix}:{string.Concat(row.Ports.Select(static ports => $" {ports.First}"))}");
    }

    [Test]
    public void A_row_has_room_for_16_ranges_of_ports()
    {
        List<FrontendRange> ranges = [.. Enumerable.Range(1, 16).Select(static i => Range("10.0.0.0/8", (ushort)(2 * i), (ushort)(2 * i)))];
        Assert.That(RangeRow.TakeOutUnfit([.. ranges], static _ => true), Is.Empty);
        var (last, first) = (Range("10.0.0.0/8", 99, 99), Range("10.0.0.0/8", 98, 98));
        Assert.That(RangeRow.TakeOutUnfit([.. ranges, last], static _ => true), Is.EqualTo(new[] { (last, 17) }));
        Assert.That(RangeRow.TakeOutUnfit([first, .. ranges], range => range != first), Is.EqualTo(new[] { (first, 17) }), "what is in force goes last");
    }

    [Test]
    public void A_longer_prefix_without_room_for_the_ports_of_a_shorter_one_gives_up_its_own()
    {
        List<FrontendRange> wide = [.. Enumerable.Range(1, 16).Select(static i => Range("10.0.0.0/8", (ushort)(2 * i), (ushort)(2 * i)))];
        var inside = Range("10.1.0.0/16", 99, 99);
        Assert.That(RangeRow.TakeOutUnfit([.. wide, inside], static _ => true), Is.EqualTo(new[] { (inside, 17) }));
    }

    [Test]
    public void Places_are_in_the_order_of_addresses_then_of_ports()
    {
        FrontendRange[] ranges =
        [
            Range("10.0.0.0/8", 80, 90), Range("10.0.0.0/8", 80, 91), Range("10.0.0.0/9", 80, 80), Range("10.0.0.0/8", 81, 81), Range("11.0.0.0/8", 1, 1),
            Range("11.0.0.0/8", 1, 1) with { Protocol = L4Protocol.Udp }, Range("fd00::/8", 1, 1),
        ];
        Assert.That(ranges.Reverse().OrderBy(static range => new RangePlace(range)), Is.EqualTo(ranges));
        Assert.That(ranges.Select(static range => new RangePlace(range).ToString()), Is.EqualTo(ranges.Select(static range => range.ToString())));
    }

    private static FrontendRange Range(string prefix, ushort first, ushort last) => new(IPNetwork.Parse(prefix), first, last, L4Protocol.Tcp, []);
}
