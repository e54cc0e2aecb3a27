using Datapath.Linux.Services;

namespace Datapath.Linux.Tests.Services;

/// <summary>How slots pass between backends when a service is scaled: no more of them than balance asks for.</summary>
public class SlotDealerTests
{
    /// <summary>The slots of a table that stands in nobody's way.</summary>
    private const int Capacity = 1 << 24;

    [Test]
    public void Shares_differ_by_one_slot_at_most_and_only_what_must_move_moves([Values(1, 2, 3, 4, 5, 6, 7, 8)] int seed)
    {
        var random = new Random(seed);
        var frontend = new Frontend();
        for (var step = 0; step < 60; step++)
        {
            var before = frontend.Owners;
            var backends = Scale(frontend.Backends, random);
            var (grown, moved) = frontend.Set(backends);
            var shares = frontend.Backends.Select(b => frontend.Owners.Count(o => o == b)).ToArray();
            Assert.That(shares.Sum(), Is.EqualTo(frontend.Owners.Length));
            Assert.That(shares.Max() - shares.Min(), Is.LessThanOrEqualTo(1), $"step {step}: {string.Join(' ', shares)}");

            // The least that balance allows: what the leaving ones held, and what the newcomers get, less what is both.
            var gone = grown.Count(o => !backends.Contains(o));
            var coming = frontend.Owners.Count(o => before.Length > 0 && !before.Contains(o));
            if (before.Length > 0)
                Assert.That(moved, Is.InRange(Math.Max(gone, coming), Math.Max(gone, coming) + backends.Length), $"step {step}");
        }
    }

    [Test]
    public void A_backend_that_comes_takes_its_own_share_and_nothing_else_moves([Values(2, 3, 5, 16, 17, 63)] int backends)
    {
        var frontend = new Frontend();
        _ = frontend.Set(Range(backends));
        var (grown, _) = frontend.Set(Range(backends + 1));
        for (var i = 0; i < grown.Length; i++)
            Assert.That(frontend.Owners[i], Is.EqualTo(grown[i]).Or.EqualTo(backends));
        Assert.That(frontend.Owners.Count(o => o == backends), Is.InRange(grown.Length / (backends + 1), (grown.Length / (backends + 1)) + 1));
    }

    [Test]
    public void Of_a_backend_that_goes_only_its_own_slots_move([Values(3, 5, 16, 17, 63)] int backends)
    {
        var frontend = new Frontend();
        _ = frontend.Set(Range(backends));
        foreach (var gone in new[] { 0, backends / 2, backends - 1 })
        {
            var before = frontend.Owners;
            _ = frontend.Set([.. Range(backends).Where(b => b != gone)]);
            Assert.That(frontend.Owners, Has.Length.EqualTo(before.Length));
            for (var i = 0; i < before.Length; i++)
            {
                if (before[i] != gone)
                    Assert.That(frontend.Owners[i], Is.EqualTo(before[i]));
            }

            _ = frontend.Set(Range(backends));
        }
    }

    [Test]
    public void A_range_that_doubles_moves_nobody_but_those_of_the_newcomer()
    {
        var frontend = new Frontend();
        _ = frontend.Set(Range(4));
        Assert.That(frontend.Owners, Has.Length.EqualTo(64));
        var before = frontend.Owners;
        _ = frontend.Set(Range(5));
        Assert.That(frontend.Owners, Has.Length.EqualTo(128));
        for (var i = 0; i < 128; i++)
            Assert.That(frontend.Owners[i], Is.EqualTo(before[i / 2]).Or.EqualTo(4));
    }

    [Test]
    public void A_range_keeps_its_length_when_backends_go_until_one_is_left()
    {
        Assert.That(SlotDealer.CountSlots(L4Protocol.Udp, BackendShares.Alike(2), 1024, Capacity), Is.EqualTo(1024));
        Assert.That(SlotDealer.CountSlots(L4Protocol.Udp, BackendShares.Alike(1), 1024, Capacity), Is.EqualTo(1));
    }

    [Test]
    public void Tcp_has_a_slot_for_each_backend([Values(1, 2, 3, 1000)] int backends) =>
        Assert.That(SlotDealer.CountSlots(L4Protocol.Tcp, BackendShares.Alike(backends), 64, Capacity), Is.EqualTo(backends));

    [Test]
    public void Udp_has_a_power_of_two_of_sixteen_or_more_for_each_backend()
    {
        for (var backends = 2; backends <= 8192; backends++)
        {
            var slots = SlotDealer.CountSlots(L4Protocol.Udp, BackendShares.Alike(backends), 0, Capacity);
            Assert.That(int.IsPow2(slots) && slots >= backends * 16 && slots < backends * 32, Is.True, $"{slots} for {backends}");
        }
    }

    [Test]
    public void However_many_backends_each_gets_a_slot([Values(8193, 100_000, 131_072, 131_073, 200_000, 1_000_000)] int backends) =>
        Assert.That(SlotDealer.CountSlots(L4Protocol.Udp, BackendShares.Alike(backends), 0, Capacity), Is.GreaterThanOrEqualTo(backends));

    [TestCase(4096, 262144, 65536)]
    [TestCase(5000, 262144, 65536, Description = "16 each would be half of the table, and a change needs them twice")]
    [TestCase(100_000, 262144, 131072, Description = "each gets one")]
    [TestCase(2, 64, 16)]
    [TestCase(20, 64, 32)]
    public void One_frontend_has_no_more_than_a_quarter_of_the_table_dealt(int backends, int capacity, int expected)
    {
        Assert.That(SlotDealer.CountSlots(L4Protocol.Udp, BackendShares.Alike(backends), 0, capacity), Is.EqualTo(expected));
        Assert.That(SlotDealer.CountSlots(L4Protocol.Udp, BackendShares.Alike(backends), 1 << 17, capacity), Is.EqualTo(expected), "what it has from another time is no reason to keep more");
    }

    [TestCase(2500, 0, 65536)]
    [TestCase(2500, 32768, 32768)]
    [TestCase(5000, 32768, 65536, Description = "fewer than eight each")]
    [TestCase(1000, 8192, 16384, Description = "there is room for twice as many")]
    public void A_large_frontend_that_settled_for_half_stays_with_it(int backends, int current, int expected) =>
        Assert.That(SlotDealer.CountSlots(L4Protocol.Udp, BackendShares.Alike(backends), current, 262144), Is.EqualTo(expected));

    [TestCase(3, 64, 32)]
    [TestCase(3, 10_001, 8192)]
    [TestCase(3, 4, 3)]
    [TestCase(5000, 8192, 5000)]
    [TestCase(3, 3, 0)]
    [TestCase(4, 5, 4)]
    [TestCase(1, 1, 0)]
    public void Where_there_is_no_room_half_of_the_slots_will_do_and_at_last_one_for_each(int backends, int slots, int fewer) =>
        Assert.That(SlotDealer.Fewer(backends, slots), Is.EqualTo(fewer));

    [TestCase(new[] { 70, 30 }, 128, new[] { 90, 38 })]
    [TestCase(new[] { 1, 1, 2 }, 64, new[] { 16, 16, 32 })]
    [TestCase(new[] { 1, 65535 }, 128, new[] { 1, 127 })]
    [TestCase(new[] { 1, 1, 65535 }, 8, new[] { 1, 1, 6 })]
    public void Slots_are_dealt_by_weight_and_nobody_goes_without(int[] weights, int slots, int[] expected)
    {
        var owners = new int[slots];
        Array.Fill(owners, -1);
        SlotDealer.Deal(owners, BackendShares.Of(weights));
        Assert.That(weights.Select((_, index) => owners.Count(owner => owner == index)), Is.EqualTo(expected));
    }

    [Test]
    public void A_change_of_weights_moves_no_more_than_it_must()
    {
        var owners = new int[256];
        Array.Fill(owners, -1);
        SlotDealer.Deal(owners, BackendShares.Of([100, 100, 100, 100]));
        var before = owners.ToArray();
        SlotDealer.Deal(owners, BackendShares.Of([100, 100, 100, 50]));
        Assert.That(owners.Where((owner, slot) => owner != before[slot]), Has.Exactly(64 - 37).Items.And.None.EqualTo(3));
    }

    [Test]
    public void Weights_take_more_slots_for_finer_shares_of_datagrams()
    {
        Assert.That(SlotDealer.CountSlots(L4Protocol.Udp, BackendShares.Of([1, 2, 3]), 0, Capacity), Is.EqualTo(256));
        Assert.That(SlotDealer.CountSlots(L4Protocol.Udp, BackendShares.Of([7]), 0, Capacity), Is.EqualTo(1));
    }

    [TestCase(new[] { 7 }, 1)]
    [TestCase(new[] { 70, 30 }, 10)]
    [TestCase(new[] { 100, 100, 50 }, 5)]
    [TestCase(new[] { 0x10000 - 1, 1 }, 128)] // exact shares would take more
    [TestCase(new[] { 17, 13, 11 }, 41)]
    public void Weighted_tcp_has_exact_shares_in_as_few_slots_as_they_take(int[] weights, int expected)
    {
        var slots = SlotDealer.CountSlots(L4Protocol.Tcp, BackendShares.Of(weights), 0, Capacity);
        Assert.That(slots, Is.EqualTo(expected));
        var quotas = SlotDealer.Quotas(new int[weights.Length], BackendShares.Of(weights), slots);
        if (slots < 64)
            Assert.That(quotas.Select((quota, index) => (long)quota * weights.Sum() - ((long)weights[index] * slots)), Is.All.Zero);
    }

    [Test]
    public void A_canary_among_a_thousand_takes_ten_thousand_slots() =>
        Assert.That(SlotDealer.CountSlots(L4Protocol.Tcp, BackendShares.Of([10, .. Enumerable.Repeat(100, 1000)]), 0, Capacity), Is.EqualTo(10_001));

    [Test]
    public void Dealing_is_the_same_each_time()
    {
        int[] Deal()
        {
            var frontend = new Frontend();
            var random = new Random(9);
            for (var step = 0; step < 40; step++)
                _ = frontend.Set(Scale(frontend.Backends, random));
            return frontend.Owners;
        }

        var first = Deal();
        Assert.That(Deal(), Is.EqualTo(first));
    }

    private static int[] Range(int count) => [.. Enumerable.Range(0, count)];

    private static int[] Scale(int[] backends, Random random) => random.Next(6) switch
    {
        0 => [.. Enumerable.Range(random.Next(100), random.Next(1, 40))],
        1 or 2 when backends.Length > 1 => [.. backends.Where((_, i) => i != random.Next(backends.Length)).DefaultIfEmpty(0)],
        3 when backends.Length > 1 => [backends[random.Next(backends.Length)]],
        _ => [.. backends.Append(backends.Length == 0 ? 0 : backends.Max() + 1)],
    };

    /// <summary>The slots of a UDP frontend, by the names of their owners.</summary>
    private sealed class Frontend
    {
        public int[] Owners { get; private set; } = [];

        public int[] Backends { get; private set; } = [];

        /// <summary>Scales it.</summary>
        /// <returns>The owners before, at the new length, and how many places have another one now.</returns>
        public (int[] Grown, int Moved) Set(int[] backends)
        {
            var count = SlotDealer.CountSlots(L4Protocol.Udp, BackendShares.Alike(backends.Length), Owners.Length, Capacity);
            int[] grown = Owners.Length == 0 ? [] : [.. Enumerable.Range(0, count).Select(i => Owners[(int)((long)i * Owners.Length / count)])];
            int[] owners = grown.Length == 0 ? [.. Enumerable.Repeat(-1, count)] : [.. grown.Select(o => Array.IndexOf(backends, o))];
            SlotDealer.Deal(owners, BackendShares.Alike(backends.Length));
            (Owners, Backends) = ([.. owners.Select(o => backends[o])], backends);
            return (grown, grown.Where((o, i) => Owners[i] != o).Count());
        }
    }
}
