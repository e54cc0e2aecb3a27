using System.Numerics;

namespace Datapath.Linux.Bpf;

/// <summary>Reads a hash map bucket by bucket, so that neither additions nor removals make it start over.</summary>
/// <remarks>
/// A position is the number of a bucket. The kernel copies a bucket as a whole or not at all: an element that stays is read exactly once.
/// </remarks>
internal unsafe ref struct MapBatchReader<TKey>(MapCalls map)
    where TKey : unmanaged
{
    private readonly MapCalls _map = map;
    private uint _position;
    private bool _isFurther;

    /// <summary>Whether all has been read.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Reads what fits.</summary>
    /// <param name="keys">Receives the keys.</param>
    /// <param name="values">Receives as many values, of whatever size the map has.</param>
    /// <param name="count">How many were read.</param>
    /// <returns><see cref="Errno.ENOSPC"/> if not even the next bucket fits; nothing is lost, ask with more room.</returns>
    public Errno Read(Span<TKey> keys, Span<byte> values, out int count)
    {
        count = keys.Length;
        uint next = 0;
        Errno errno;
        fixed (TKey* k = keys)
        fixed (byte* v = values)
        fixed (uint* position = &_position)
            errno = _map.ReadBatch(_isFurther ? position : null, &next, k, v, ref count);
        if (errno is Errno.None or Errno.ENOENT)
        {
            (_position, _isFurther, IsAtEnd) = (next, true, errno is Errno.ENOENT);
            return Errno.None;
        }

        count = 0;
        return errno;
    }

    /// <summary>
    /// How many elements there will be in all, supposed that the rest of the buckets is filled as those that were read. A little more than that,
    /// so that it mostly suffices; never less than what was read.
    /// </summary>
    /// <param name="read">How many elements were read.</param>
    /// <param name="maxEntries">Room of the map. The kernel makes as many buckets, rounded up to a power of two.</param>
    public readonly int EstimateTotal(int read, uint maxEntries)
    {
        if (IsAtEnd || _position == 0)
            return read;
        var total = read * (double)BitOperations.RoundUpToPowerOf2((ulong)maxEntries) / _position;
        return (int)Math.Clamp(total + (total / 16), read, Math.Max(read, Math.Min(maxEntries, (uint)Array.MaxLength)));
    }
}
