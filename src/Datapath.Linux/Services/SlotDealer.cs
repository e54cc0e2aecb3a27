using System.Numerics;

namespace Datapath.Linux.Services;

/// <summary>
/// Deals the slots of a frontend out to its backends. A datagram socket keeps its place in the range for life, so who owns the place is who
/// gets its traffic; dealing anew moves as few places as it can.
/// </summary>
/// <remarks>
/// The numbers of slots are powers of two, at least 16 for each backend, so that shares differ by 1/16 at most. A range grows by doubling
/// each slot in place, which moves nobody; it does not shrink while its frontend has more than one backend, because that would.
/// One backend more or less moves 1/n of the senders, which is the least that balance allows.
/// </remarks>
internal static class SlotDealer
{
    private const int SlotsPerBackend = 16;

    /// <summary>Half of what fits a frontend's word: beyond it backends get fewer slots each rather than none.</summary>
    private const int MaxSlots = 1 << 17;

    /// <summary>How many slots a frontend needs.</summary>
    /// <param name="protocol">TCP picks at random, so one slot a backend is exact.</param>
    /// <param name="backends">The number of backends, 1 or more.</param>
    /// <param name="current">The number of slots that it has; 0 if none.</param>
    public static int CountSlots(L4Protocol protocol, int backends, int current)
    {
        if (protocol is L4Protocol.Tcp || backends == 1)
            return backends;
        var least = (int)BitOperations.RoundUpToPowerOf2((uint)backends);
        var wanted = (int)Math.Min((uint)MaxSlots, BitOperations.RoundUpToPowerOf2((uint)backends * SlotsPerBackend));
        return Math.Max(Math.Max(least, wanted), BitOperations.IsPow2(current) ? current : 0);
    }

    /// <summary>Says which backend each slot gets.</summary>
    /// <param name="owners">
    /// The result: for each slot the index of its backend. On entry the index of the backend that owns it now, or -1 if that one is gone.
    /// </param>
    /// <param name="backends">The number of backends, at most the number of slots.</param>
    public static void Deal(Span<int> owners, int backends)
    {
        var held = new int[backends];
        foreach (var owner in owners)
        {
            if (owner >= 0)
                held[owner]++;
        }

        var quotas = Quotas(held, owners.Length);
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

    // Slots that do not divide evenly stay with those who hold the most: nothing needs to move for them.
    private static int[] Quotas(int[] held, int slots)
    {
        var quotas = new int[held.Length];
        Array.Fill(quotas, slots / held.Length);
        var rest = slots % held.Length;
        if (rest == 0)
            return quotas;
        var byHeld = new int[held.Length];
        for (var i = 0; i < byHeld.Length; i++)
            byHeld[i] = i;
        byHeld.AsSpan().Sort((a, b) => held[a] != held[b] ? held[b].CompareTo(held[a]) : a.CompareTo(b));
        foreach (var backend in byHeld.AsSpan(0, rest))
            quotas[backend]++;
        return quotas;
    }
}
