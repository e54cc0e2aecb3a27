using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>
/// Elements of an array, by one system call each or in batches. Does not own the map. For many accesses create it mappable and use
/// <see cref="BpfMap.MapMemory{TValue}"/>.
/// </summary>
/// <typeparam name="TValue">The value.</typeparam>
/// <remarks>Minimum kernel: 4.13, as <see cref="BpfMap"/>; in bulk 5.6.</remarks>
public sealed unsafe class BpfArray<TValue>
    where TValue : unmanaged
{
    private const int Portion = 1024; // elements in a call of the kernel; their indexes lie on the stack

    private readonly MapCalls _calls;
    private readonly MapBulk<int> _bulk;

    internal BpfArray(BpfMap map)
        : this(map, new(map))
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.Array, map.Info, "is no array");
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
    }

    private BpfArray(BpfMap map, MapCalls calls) => (_calls, _bulk, Count) = (calls, new(calls, sizeof(TValue)), checked((int)map.Info.MaxEntries));

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <inheritdoc cref="BpfHashMap{TKey, TValue}.UnderLock"/>
    public BpfArray<TValue> UnderLock() => new(_calls.Map, _calls.UnderLock<int, TValue>());

    /// <summary>Copies an element out of the kernel or into it. A program may see a large value half written, and so may this process, unless <see cref="UnderLock"/>.</summary>
    /// <param name="index">The element.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public TValue this[int index]
    {
        get
        {
            ThrowUnlessInside(index, 1);
            Unsafe.SkipInit(out TValue value);
            _calls.ThrowIfRefused(_calls.Lookup(&index, &value), $"read element {index} of map '{_calls.Name}'");
            return value;
        }

        set
        {
            ThrowUnlessInside(index, 1);
            _calls.ThrowIfRefused(_calls.Update(&index, &value), $"update element {index} of map '{_calls.Name}'");
        }
    }

    /// <summary>Replaces elements: in a call for a thousand since Linux 5.6, in a call each on older kernels.</summary>
    /// <param name="first">The index of the first.</param>
    /// <param name="values">The values.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the array.</exception>
    /// <exception cref="BpfException">The kernel refused. The message says how many were written before.</exception>
    public void SetAll(int first, ReadOnlySpan<TValue> values)
    {
        ThrowUnlessInside(first, values.Length);
        if (values.IsEmpty)
            return;
        Span<int> indexes = stackalloc int[Math.Min(Portion, values.Length)];
        for (var written = 0; written < values.Length;)
        {
            var part = indexes[..Math.Min(Portion, values.Length - written)];
            for (var i = 0; i < part.Length; i++)
                part[i] = first + written + i;
            var errno = _bulk.TrySet(part, MemoryMarshal.AsBytes(values.Slice(written, part.Length)), out var done);
            written += done;
            _calls.ThrowIfRefused(errno, $"update element {first + written} (after {written} of {values.Length}) of map '{_calls.Name}'");
        }
    }

    /// <summary>Copies all elements out of the kernel: in a call for a thousand since Linux 5.6, in a call each on older kernels.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public TValue[] ToArray()
    {
        var values = GC.AllocateUninitializedArray<TValue>(Count); // each is written, or an exception thrown
        CopyTo(values);
        return values;
    }

    /// <summary>Copies all elements into memory of the caller, without allocating; otherwise as <see cref="ToArray"/>.</summary>
    /// <param name="values">Receives the elements; may be larger.</param>
    /// <exception cref="ArgumentException">There is not room for all.</exception>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public void CopyTo(Span<TValue> values)
    {
        if (values.Length < Count)
            throw MapCalls.NoRoom(values.Length, _calls.Name, nameof(values));
        values = values[..Count];
        Span<int> indexes = stackalloc int[Math.Min(Portion, Count)];
        var reader = new MapBatchReader<int, int>(_calls);
        var read = 0;
        while (!_bulk.HasNoBatches && !reader.IsAtEnd && read < values.Length)
        {
            var room = Math.Min(Portion, values.Length - read);
            var errno = reader.Read(indexes[..room], MemoryMarshal.AsBytes(values.Slice(read, room)), out var count);
            if (read == 0 && MapCalls.IsBatchMissing(errno))
            {
                _bulk.HasNoBatches = true;
                break;
            }

            _calls.ThrowIfRefused(errno, $"read map '{_calls.Name}'");
            read += count;
        }

        for (; read < values.Length; read++)
            values[read] = this[read];
    }

    private void ThrowUnlessInside(int first, int count)
    {
        if ((uint)first > (uint)Count || (uint)count > (uint)(Count - first))
            throw new ArgumentOutOfRangeException(nameof(first), $"elements {first} to {(long)first + count - 1} of map '{_calls.Name}' with {Count}");
    }
}
