using System.Numerics;

namespace Datapath.Linux.Services;

/// <summary>
/// Deals the slots of a frontend out to its backends. A datagram socket keeps its place in the range for life, so who owns the place is who
/// gets its traffic; dealing anew moves as few places as it can.
/// </summary>
/// <remarks>
/// Of datagrams the numbers of slots are powers of two, at least 16 for each backend, so that shares differ by 1/16 at most; 64 where weights differ. A
/// range grows by doubling each slot in place, which moves nobody; it does not shrink while its frontend has more than one backend, because
/// that would. One backend more or less moves 1/n of the senders, which is the least that balance allows.
/// </remarks>
internal static class SlotDealer
{
    private const int SlotsPerBackend = 16;
    private const int SlotsPerWeightedBackend = 64;

    /// <summary>Half of what fits a frontend's word.</summary>
    private const int MaxSlots = 1 << 17;

    /// <summary>The part of a table that one frontend may have dealt: a change needs its slots twice, and others want some, too.</summary>
    private const int PartOfTable = 4;

    /// <summary>How many slots a frontend needs.</summary>
    /// <param name="protocol">
    /// TCP picks at random and nobody stays at a place, so any number of slots will do that gives exact shares: one for each backend where all weigh the
    /// same, weights over their greatest common divisor where that is no more than a datagram socket's frontend would have.
    /// </param>
    /// <param name="shares">The parts of the backends.</param>
    /// <param name="current">The number of slots that it has; 0 if none.</param>
    /// <param name="capacity">The slots of the table. Beyond its part of them backends get fewer slots each rather than none.</param>
    public static int CountSlots(L4Protocol protocol, BackendShares shares, int current, int capacity)
    {
        var backends = shares.Count;
        if (backends == 1)
            return 1;
        var most = Math.Max((int)BitOperations.RoundUpToPowerOf2((uint)backends), Math.Min(MaxSlots, PowerOf2Within(capacity / PartOfTable)));
        if (protocol is L4Protocol.Tcp)
            return (int)Math.Min(shares.AreWeighted ? SmallestTotal(shares.Weights) : backends, Dealt(SlotsPerWeightedBackend));
        var each = shares.AreWeighted ? SlotsPerWeightedBackend : SlotsPerBackend;
        var count = Dealt(each);
        if (!BitOperations.IsPow2(current))
            return count;

        // What it had to settle for is not given up as soon as there is room, or it would go to and fro with each change, and its senders with it.
        if (count > capacity / (2 * PartOfTable) && current >= (long)backends * each / 2)
            return Math.Min(most, current);
        return Math.Min(most, Math.Max(count, current));

        int Dealt(int each) => (int)Math.Min((uint)most, BitOperations.RoundUpToPowerOf2((uint)backends * (uint)each));
    }

    /// <summary>
    /// The next smaller number of slots that will do where there is no room for more: shares get coarser, at last to one slot each, so that who left is not kept for want of room.
    /// </summary>
    /// <param name="backends">The number of backends.</param>
    /// <param name="slots">The number of slots for which there is no room.</param>
    /// <returns>0: there is none.</returns>
    public static int Fewer(int backends, int slots) => slots <= backends ? 0 : Math.Max(PowerOf2Within(slots - 1), backends);

    /// <summary>Says which backend each slot gets.</summary>
    /// <param name="owners">
    /// The result: for each slot the index of its backend. On entry the index of the backend that owns it now, or -1 if that one is gone.
    /// </param>
    /// <param name="shares">The parts of the backends, of which there are at most as many as there are slots.</param>
    public static void Deal(Span<int> owners, BackendShares shares)
    {
        var held = new int[shares.Count];
        foreach (var owner in owners)
        {
            if (owner >= 0)
                held[owner]++;
        }

        var quotas = Quotas(held, shares, owners.Length);
        for (var i = owners.Length - 1; i >= 0; i--)
        {
            ref var owner = ref owners[i];
            if (owner >= 0 && held[owner] > quotas[owner])
            {
                held[owner]--;
                owner = -1;
            }
        }

        var next = 0;
        foreach (ref var owner in owners)
        {
            if (owner >= 0)
                continue;
            while (held[next] == quotas[next])
                next++;
            owner = next;
            held[next]++;
        }
    }

    /// <summary>How many slots each backend gets: its part by weight, but one at least.</summary>
    /// <param name="held">How many it has now. Slots that do not divide evenly stay with those who hold the most: nothing needs to move for them.</param>
    /// <param name="shares">The parts.</param>
    /// <param name="slots">The number of slots, not below that of the backends.</param>
    public static int[] Quotas(ReadOnlySpan<int> held, BackendShares shares, int slots) =>
        shares.AreWeighted ? WeightedQuotas(held, shares.Weights, slots) : EvenQuotas(held, slots);

    private static int[] EvenQuotas(ReadOnlySpan<int> held, int slots)
    {
        var quotas = new int[held.Length];
        var (part, rest) = Math.DivRem(slots, held.Length);
        for (var i = 0; i < quotas.Length; i++)
        {
            quotas[i] = part;
            if (rest > 0 && held[i] > part)
                (quotas[i], rest) = (part + 1, rest - 1);
        }

        for (var i = 0; rest > 0; i++)
        {
            if (quotas[i] == part)
                (quotas[i], rest) = (part + 1, rest - 1);
        }

        return quotas;
    }

    private static int[] WeightedQuotas(ReadOnlySpan<int> held, ReadOnlySpan<int> weights, int slots)
    {
        var total = 0L;
        foreach (var weight in weights)
            total += weight;
        var quotas = new int[weights.Length];
        var order = new (long Remainder, int Held, int Index)[weights.Length];
        var rest = slots;
        for (var i = 0; i < quotas.Length; i++)
        {
            var (part, remainder) = Math.DivRem((long)slots * weights[i], total);
            quotas[i] = (int)Math.Max(part, 1);
            order[i] = (part == 0 ? 0 : remainder, held[i], i);
            rest -= quotas[i];
        }

        Array.Sort(order, static (left, right) => left.Remainder != right.Remainder
            ? right.Remainder.CompareTo(left.Remainder)
            : left.Held != right.Held ? right.Held.CompareTo(left.Held) : left.Index.CompareTo(right.Index));
        for (var i = 0; i < rest; i++)
            quotas[order[i].Index]++;

        // What the lightest got beyond their part, the heaviest give.
        for (; rest < 0; rest++)
            quotas[IndexOfLargest(quotas)]--;
        return quotas;
    }

    private static int PowerOf2Within(int most) => most < 1 ? 0 : 1 << BitOperations.Log2((uint)most);

    /// <summary>The sum of the smallest whole numbers that have the same proportions.</summary>
    private static long SmallestTotal(ReadOnlySpan<int> weights)
    {
        var (total, divisor) = (0L, 0);
        foreach (var weight in weights)
        {
            total += weight;
            for (var other = weight; divisor != 1 && other != 0;)
                (divisor, other) = (other, divisor % other);
        }

        return total / divisor;
    }

    private static int IndexOfLargest(int[] quotas)
    {
        var largest = 0;
        for (var i = 1; i < quotas.Length; i++)
        {
            if (quotas[i] > quotas[largest])
                largest = i;
        }

        return largest;
    }
}
