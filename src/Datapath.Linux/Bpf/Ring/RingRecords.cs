using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>
/// The records in a buffer that a <see cref="BpfRingReader"/> has read, for <c>foreach</c>: <c>foreach (var record in new RingRecords(result.Buffer))</c>.
/// Discarded ones are passed over.
/// </summary>
/// <remarks>Minimum kernel: 5.8.</remarks>
public ref struct RingRecords
{
    private readonly ReadOnlySequence<byte> _buffer;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _next;
    private int _length;

    /// <summary>Takes a buffer.</summary>
    /// <param name="buffer">What was read, or a part of it that starts where a record ends.</param>
    /// <exception cref="ArgumentException">The buffer is in several pieces, so it does not come from a ring.</exception>
    public RingRecords(in ReadOnlySequence<byte> buffer)
    {
        if (!buffer.IsSingleSegment)
            throw new ArgumentException("a buffer of a ring is in one piece", nameof(buffer));
        _buffer = buffer;
        _bytes = buffer.FirstSpan;
    }

    /// <summary>The record that <see cref="MoveNext"/> has found.</summary>
    public readonly RingRecord Current => new(_bytes.Slice(_next - Stride(_length) + RecordHeader.Size, _length), _buffer.GetPosition(_next));

    /// <summary>Itself.</summary>
    public readonly RingRecords GetEnumerator() => this;

    /// <summary>Finds the next record.</summary>
    /// <exception cref="CorruptRingException">The bytes are no whole records.</exception>
    public bool MoveNext()
    {
        while (_next < _bytes.Length)
        {
            var left = _bytes.Length - _next;
            if (left < RecordHeader.Size)
                throw new CorruptRingException($"{left} bytes are too few for a record");
            var header = new RecordHeader(Unsafe.ReadUnaligned<uint>(ref Unsafe.AsRef(in _bytes[_next])));
            if (header.IsBusy)
                throw new CorruptRingException("a record that is not committed stands in a buffer that was read");
            header.ThrowIfLongerThan((ulong)left, (ulong)_next);
            _next += (int)header.Stride;
            _length = header.Length;
            if (!header.IsDiscarded)
                return true;
        }

        return false;
    }

    private static int Stride(int length) => (length + RecordHeader.Size + 7) & ~7;
}

/// <summary>A record in place.</summary>
/// <remarks>Minimum kernel: 5.8.</remarks>
public readonly ref struct RingRecord
{
    internal RingRecord(ReadOnlySpan<byte> data, SequencePosition end)
    {
        Data = data;
        End = end;
    }

    /// <summary>Its bytes, aligned to 8; they must not be used after the reader has advanced.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Where the next record starts: advance to it when this record is consumed.</summary>
    public SequencePosition End { get; }

    /// <summary>The record as a value, in place.</summary>
    /// <typeparam name="T">What the program wrote.</typeparam>
    /// <exception cref="RecordSizeException">The record has another size.</exception>
    /// <exception cref="MapLayoutException">The type does not keep the order of its fields, as a tuple.</exception>
    public ref readonly T As<T>()
        where T : unmanaged
    {
        MapLayoutException.ThrowIfArranged<T>("a ring buffer");
        if (Data.Length != Unsafe.SizeOf<T>())
            throw new RecordSizeException(typeof(T).Name, Unsafe.SizeOf<T>(), Data.Length);
        return ref MemoryMarshal.AsRef<T>(Data);
    }
}
