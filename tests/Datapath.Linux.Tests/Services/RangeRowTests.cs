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
        Assert.That(rows.Select(static row => (row.Prefix, row.Ports.Length, row.Fits)), Is.EqualTo(new[] { (wide, 3, true), (inside, 4, true), (udp, 1, true) }));
    }

    [TestCase(16, ExpectedResult = true)]
    [TestCase(17, ExpectedResult = false)]
    public bool A_row_has_room_for_16_ranges_of_ports(int count) =>
        RangeRow.Of([.. Enumerable.Range(1, count).Select(static i => Range("10.0.0.0/8", (ushort)(2 * i), (ushort)(2 * i)))]).Single().Fits;

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
