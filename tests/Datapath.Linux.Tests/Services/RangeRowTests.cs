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
