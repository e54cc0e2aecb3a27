using Datapath.BpfObjects.Layout;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>What comes and goes between the slots of a frontend and the set that is to replace them.</summary>
public class BackendDifferenceTests
{
    [Test]
    public void Whatever_the_order_and_the_shares_it_is_the_difference_of_the_sets([Values] bool isIPv4, [Values(1, 2, 3, 4, 5, 6)] int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var (before, after) = (Set(random), Set(random));
            var slots = Deal(before, random);
            var difference = Between(slots, [.. after.Select(host => new Backend(Address(host, isIPv4)))], isIPv4);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(difference.Came, Is.EquivalentTo(after.Except(before).Select(host => Address(host, isIPv4))));
                Assert.That(difference.Left, Is.EquivalentTo(before.Except(after).Select(host => Address(host, isIPv4))));
                Assert.That(difference.Places.ToArray(), Is.EqualTo(after.Select(host => Array.IndexOf(slots, host))));
                Assert.That(difference.IsEmpty, Is.EqualTo(before.ToHashSet().SetEquals(after)));
            }
        }
    }

    [Test]
    public void Identifiers_that_lie_far_apart_are_found_as_well_as_neighbours([Values(1u, 3u, 1_000_000u)] uint distance)
    {
        Slot4[] slots = [.. Enumerable.Range(0, 100).Select(i => Ipv4Family.Slot(new(Address(1 + (i % 10), isIPv4: true), 5 + ((uint)(i % 10) * distance), 7, FrontendType.ClusterIP)))];
        var index = BackendIndex.Of<Slot4, Ipv4Family>(slots);
        using (Assert.EnterMultipleScope())
        {
            for (var i = 0; i < 10; i++)
                Assert.That(index.Find(5 + ((uint)i * distance)), Is.EqualTo(i));
            foreach (var other in new uint[] { 0, 4, 6 + (9 * distance), uint.MaxValue })
                Assert.That(index.Find(other), Is.EqualTo(-1), $"{other}");
        }
    }

    [Test]
    public void Slots_in_order_against_a_set_that_is_not_lose_nobody_who_stays()
    {
        var difference = Between([1, 2, 3], [.. new[] { 3, 1 }.Select(static host => new Backend(Address(host, isIPv4: true)))], isIPv4: true);
        Assert.That(difference.Left, Is.EqualTo([Address(2, isIPv4: true)]));
        Assert.That(difference.Came, Is.Empty);
        Assert.That(difference.Places.ToArray(), Is.EqualTo([2, 0]));
    }

    private static BackendDifference Between(int[] hosts, Backend[] after, bool isIPv4)
    {
        SlotContent[] slots = [.. hosts.Select(host => new SlotContent(Address(host, isIPv4), (uint)(1000 + host), 7, FrontendType.ClusterIP))];
        return isIPv4
            ? BackendDifference.Between<Slot4, Ipv4Family>(L4Protocol.Udp, [.. slots.Select(slot => Ipv4Family.Slot(in slot))], after)
            : BackendDifference.Between<Slot6, Ipv6Family>(L4Protocol.Udp, [.. slots.Select(slot => Ipv6Family.Slot(in slot))], after);
    }

    /// <summary>Some of a few hosts, in order or not.</summary>
    private static int[] Set(Random random)
    {
        int[] hosts = [.. Enumerable.Range(1, 12).Where(_ => random.Next(3) > 0)];
        if (random.Next(3) == 0)
            random.Shuffle(hosts);
        return hosts;
    }

    /// <summary>A slot for each, or several for some, one after the other or mixed.</summary>
    private static int[] Deal(int[] hosts, Random random)
    {
        if (random.Next(2) == 0)
            return hosts;
        int[] slots = [.. hosts.SelectMany(host => Enumerable.Repeat(host, random.Next(1, 4)))];
        if (random.Next(2) == 0)
            random.Shuffle(slots);
        return slots;
    }

    private static L4Address Address(int host, bool isIPv4) => L4Address.Parse(isIPv4 ? $"10.0.0.{host}:53/UDP" : $"[fd00::{host:x}]:53/UDP", null);
}
