using System.Numerics;

namespace Datapath.Linux.Bpf;

/// <summary>How many elements a hash map holds, by the part that was read.</summary>
internal static class HashEstimate
{
    /// <summary>
    /// How many elements there will be in all, supposed that the rest of the buckets is filled as those that were read. A little more than that,
    /// so that it mostly suffices; never less than what was read.
    /// </summary>
    /// <param name="read">How many elements were read.</param>
    /// <param name="buckets">From how many buckets; 0 if that is not known, or all were read.</param>
    /// <param name="maxEntries">Room of the map. The kernel makes as many buckets, rounded up to a power of two.</param>
    public static int Total(int read, uint buckets, uint maxEntries)
    {
        if (buckets == 0)
            return read;
        var total = read * (double)BitOperations.RoundUpToPowerOf2((ulong)maxEntries) / buckets;
        return (int)Math.Clamp(total + (total / 16), read, Math.Max(read, Math.Min(maxEntries, (uint)Array.MaxLength)));
    }
}
