using System.Collections.Immutable;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>What comes and goes between what was written for a frontend and the list that is to replace it.</summary>
public class BackendDifferenceTests
{
    [Test]
    public void Slots_of_an_earlier_process_differ_by_the_sets_whatever_the_order_and_the_shares([Values] bool isIPv4, [Values(1, 2, 3, 4, 5, 6)] int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var (before, after) = (Set(random), Set(random));
            var slots = Deal(before, random);
            var written = Read(slots, isIPv4);
            var difference = BackendDifference.Between(in written, BackendList.After(in written, [.. after.Select(host => new Backend(Address(host, isIPv4)))]));
            AssertDifference(difference, before, after, isIPv4);
            Assert.That(difference.Places.ToArray(), Is.EqualTo(after.Select(host => Array.IndexOf(slots, host))));
        }
    }

    [Test]
    public void Of_lists_that_share_their_ends_too_it_is_the_difference_of_the_sets([Values(1, 2, 3, 4, 5, 6)] int seed)
    {
        var random = new Random(seed);
        Backend[] all = [.. Enumerable.Range(0, 13).Select(static host => new Backend(Address(host, isIPv4: true)))];
        for (var round = 0; round < 500; round++)
        {
            var (before, after) = (Set(random), Set(random));
            int[] firsts = random.Next(2) == 0 ? [] : [.. before.Select(static host => 100 + host)];
            var written = new WrittenBackends(BackendList.Of([.. before.Select(host => all[host])]), firsts);

            // Some are the same object as before, some only say the same.
            var list = BackendList.After(in written, [.. after.Select(host => random.Next(8) == 0 ? all[host] with { } : all[host])]);
            var difference = BackendDifference.Between(in written, in list);
            AssertDifference(difference, before, after, isIPv4: true);
            Assert.That(
                difference.Places.ToArray(),
                Is.EqualTo(after.Select(host => Array.IndexOf(before, host) is >= 0 and var place ? firsts.Length == 0 ? place : firsts[place] : -1)));
        }
    }

    [Test]
    public void What_is_known_of_a_list_is_the_same_whatever_it_replaces([Values(1, 2, 3, 4, 5, 6)] int seed)
    {
        var random = new Random(seed);
        Backend[] light = [.. Enumerable.Range(0, 13).Select(static host => new Backend(Address(host, isIPv4: true)))];
        Backend[] heavy = [.. light.Select(static backend => backend with { Weight = 200 })];
        var written = WrittenBackends.None;
        var (known, weights, hosts) = (0, new HashSet<int>(), Array.Empty<int>());
        for (var round = 0; round < 500; round++)
        {
            var isHeavy = random.Next(4) == 0;
            hosts = random.Next(3) == 0 || hosts.Length == 0 ? Set(random) : [.. hosts.Where((_, i) => i != random.Next(hosts.Length))];
            ImmutableArray<Backend> now = [.. hosts.Select(host => (isHeavy || random.Next(40) == 0 ? heavy : light)[host])];
            var (list, alone) = (BackendList.After(in written, now), BackendList.Of(now));
            using (Assert.EnterMultipleScope())
            {
                Assert.That((list.IsInOrder, list.Weight), Is.EqualTo((alone.IsInOrder, alone.Weight)));
                Assert.That(list.IsInOrder, Is.EqualTo(now.Select(static b => b.Address).SequenceEqual(now.Select(static b => b.Address).Order())));
                Assert.That(list.Weight, Is.EqualTo(now.Select(static b => b.Weight).Distinct().ToArray() is [var common] ? common : 0));
                Assert.That(list.New.ToArray(), Is.EqualTo(now.Skip(list.Head).SkipLast(list.Tail)));
            }

            known += list.Head + list.Tail;
            _ = weights.Add(list.Weight);
            written = new(in list, []);
        }

        Assert.That(known, Is.GreaterThan(500), "lists share their ends");
        Assert.That(weights, Is.EquivalentTo([0, 100, 200]));
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
    public void Slots_in_order_against_a_list_that_is_not_lose_nobody_who_stays()
    {
        var written = Read([1, 2, 3], isIPv4: true);
        var difference = BackendDifference.Between(in written, BackendList.Of([.. new[] { 3, 1 }.Select(static host => new Backend(Address(host, isIPv4: true)))]));
        Assert.That(difference.Left, Is.EqualTo([Address(2, isIPv4: true)]));
        Assert.That(difference.Came, Is.Empty);
        Assert.That(difference.Places.ToArray(), Is.EqualTo([2, 0]));
    }

    private static void AssertDifference(BackendDifference difference, int[] before, int[] after, bool isIPv4)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(difference.Came, Is.EquivalentTo(after.Except(before).Select(host => Address(host, isIPv4))));
            Assert.That(difference.Left, Is.EquivalentTo(before.Except(after).Select(host => Address(host, isIPv4))));
            Assert.That(difference.IsEmpty, Is.EqualTo(before.ToHashSet().SetEquals(after)));
        }
    }

    private static WrittenBackends Read(int[] hosts, bool isIPv4)
    {
        SlotContent[] slots = [.. hosts.Select(host => new SlotContent(Address(host, isIPv4), (uint)(1000 + host), 7, FrontendType.ClusterIP))];
        return isIPv4
            ? WrittenBackends.Read<Slot4, Ipv4Family>(L4Protocol.Udp, [.. slots.Select(slot => Ipv4Family.Slot(in slot))])
            : WrittenBackends.Read<Slot6, Ipv6Family>(L4Protocol.Udp, [.. slots.Select(slot => Ipv6Family.Slot(in slot))]);
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
