using System.Runtime.CompilerServices;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>Goes from record to record in a ring's memory. It believes nothing that stands there: what it hands out lies inside.</summary>
/// <param name="data">The ring's bytes, twice in a row, so that a record that wraps is in one piece.</param>
/// <param name="size">Bytes of the ring once: a power of two.</param>
internal readonly unsafe struct RingWalker(byte* data, ulong size)
{
    private readonly byte* _data = data;
    private readonly ulong _mask = size - 1;

    /// <summary>Bytes of the ring.</summary>
    public ulong Size => _mask + 1;

    /// <summary>The header at a position. What a committed record holds is seen after this read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RecordHeader HeaderAt(ulong position) => new(Volatile.Read(ref *(uint*)(_data + (position & _mask))));

    /// <summary>The bytes of the record whose header is at a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> RecordAt(ulong position, int length) => new(_data + (position & _mask) + RecordHeader.Size, length);

    /// <summary>Refuses positions that cannot be: the producer is ahead by at most the ring, and both stand where records start.</summary>
    /// <exception cref="CorruptRingException">They cannot be.</exception>
    public void ThrowUnlessPossible(ulong consumer, ulong producer)
    {
        if (producer - consumer > Size || ((producer | consumer) & 7) != 0)
            throw new CorruptRingException($"the producer is at {producer} and the consumer at {consumer} of a ring of {Size} bytes");
    }

    /// <summary>Finds the next record that was committed and not discarded.</summary>
    /// <param name="position">Where to look; moved past discarded records, and left at the record that is found.</param>
    /// <param name="end">How far the producer has reserved.</param>
    /// <param name="header">The header of the record that was found.</param>
    /// <exception cref="CorruptRingException">A record reaches over the end.</exception>
    public bool TryFind(ref ulong position, ulong end, out RecordHeader header)
    {
        while (position != end)
        {
            header = HeaderAt(position);
            if (header.IsBusy)
                return false;
            header.ThrowIfLongerThan(end - position, position);
            if (!header.IsDiscarded)
                return true;
            position += header.Stride;
        }

        header = default;
        return false;
    }

    /// <summary>Finds where the run of committed records ends that starts at a position.</summary>
    /// <param name="position">Where to start.</param>
    /// <param name="end">How far the producer has reserved.</param>
    /// <param name="most">Stop after so many bytes, yet not inside a record.</param>
    /// <exception cref="CorruptRingException">A record reaches over the end.</exception>
    public ulong FindCommitted(ulong position, ulong end, ulong most)
    {
        var start = position;
        while (position != end && position - start < most)
        {
            var header = HeaderAt(position);
            if (header.IsBusy)
                break;
            header.ThrowIfLongerThan(end - position, position);
            position += header.Stride;
        }

        return position;
    }

    /// <summary>Whether a record starts at a position, seen from an earlier one.</summary>
    public bool IsBoundary(ulong position, ulong start)
    {
        while (start < position)
            start += HeaderAt(start).Stride;
        return start == position;
    }
}
