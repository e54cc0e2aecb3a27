using System.Net;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

public class RangePortsTests
{
    [Test]
    public void Of_ranges_with_one_prefix_the_one_with_fewer_ports_counts_then_the_one_that_begins_lower()
    {
        var (wide, narrow, later) = (Range("10.0.0.0/8", 1, 100), Range("10.0.0.0/8", 40, 49), Range("10.0.0.0/8", 45, 54));
        Assert.That(RangePorts.Of(wide, [later, wide, narrow]), Is.EqualTo(new[] { (1, 39, wide), (40, 49, narrow), (50, 54, later), (55, 100, wide) }.Select(Item)));
    }

    [Test]
    public void A_longer_prefix_counts_and_leaves_its_other_ports_to_those_around_it()
    {
        var (around, inside, elsewhere) = (Range("10.0.0.0/8", 80, 90), Range("10.1.0.0/16", 85, 200), Range("11.0.0.0/8", 1, 65535));
        Assert.That(RangePorts.Of(inside, [around, inside, elsewhere]), Is.EqualTo(new[] { (80, 84, around), (85, 200, inside) }.Select(Item)));
        Assert.That(RangePorts.Of(around, [around, inside, elsewhere]), Is.EqualTo(new[] { (80, 90, around) }.Select(Item)));
    }

    [Test]
    public void The_highest_port_is_one()
    {
        var all = Range("::/0", 1, 65535);
        Assert.That(RangePorts.Of(all, [all]), Is.EqualTo(new[] { (1, 65535, all) }.Select(Item)));
    }

    [Test]
    public void Another_protocol_is_another_matter()
    {
        var (tcp, udp) = (Range("10.0.0.0/8", 80, 90), Range("10.0.0.0/8", 80, 85) with { Protocol = L4Protocol.Udp });
        Assert.That(RangePorts.Of(udp, [tcp, udp]), Is.EqualTo(new[] { (80, 85, udp) }.Select(Item)));
    }

    private static (ushort First, ushort Last, FrontendRange Range) Item((int First, int Last, FrontendRange Range) item) => ((ushort)item.First, (ushort)item.Last, item.Range);

    private static FrontendRange Range(string prefix, ushort first, ushort last) => new(IPNetwork.Parse(prefix), first, last, L4Protocol.Tcp, []);
}
