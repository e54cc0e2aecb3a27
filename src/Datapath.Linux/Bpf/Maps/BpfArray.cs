using System.Runtime.CompilerServices;

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

    internal BpfArray(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.Array, map.Info, "is no array");
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
        (_calls, Count) = (new(map), checked((int)map.Info.MaxEntries));
    }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>Copies an element out of the kernel or into it. A program may see a large value half written.</summary>
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
        var indexes = stackalloc int[Math.Min(Portion, values.Length)];
        fixed (TValue* v = values)
        {
            for (var written = 0; written < values.Length;)
            {
                var count = Math.Min(Portion, values.Length - written);
                for (var i = 0; i < count; i++)
                    indexes[i] = first + written + i;
                var errno = Write(indexes, v + written, count, out var done);
                written += done;
                _calls.ThrowIfRefused(errno, $"update element {first + written} (after {written} of {values.Length}) of map '{_calls.Name}'");
            }
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
            throw new ArgumentException($"room for {values.Length} elements is not enough for map '{_calls.Name}' with {Count}", nameof(values));
        values = values[..Count];
        var indexes = stackalloc int[Math.Min(Portion, Count)];
        var read = 0;
        fixed (TValue* v = values)
        {
            for (int place; read < values.Length;)
            {
                var count = Math.Min(Portion, values.Length - read);
                var errno = _calls.ReadBatch(read == 0 ? null : &place, &place, indexes, v + read, ref count);
                if (read == 0 && MapCalls.IsBatchMissing(errno))
                    break;
                if (errno is not Errno.ENOENT)
                    _calls.ThrowIfRefused(errno, $"read map '{_calls.Name}'");
                read += count;
                if (errno is Errno.ENOENT)
                    break; // that was the last element
            }
        }

        for (; read < values.Length; read++)
            values[read] = this[read];
    }

    private Errno Write(int* indexes, TValue* values, int count, out int done)
    {
        var errno = _calls.Batch(BpfCommand.MapUpdateBatch, indexes, values, count, out done);
        if (done != 0 || !MapCalls.IsBatchMissing(errno))
            return errno;
        for (errno = Errno.None; done < count && (errno = _calls.Update(indexes + done, values + done)) is Errno.None;)
            done++;
        return errno;
    }

    private void ThrowUnlessInside(int first, int count)
    {
        if ((uint)first > (uint)Count || (uint)count > (uint)(Count - first))
            throw new ArgumentOutOfRangeException(nameof(first), $"elements {first} to {(long)first + count - 1} of map '{_calls.Name}' with {Count}");
    }
}
