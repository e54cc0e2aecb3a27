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
            BpfException.ThrowIfFailed(_calls.Lookup(&index, &value), $"read element {index} of map '{_calls.Name}'");
            return value;
        }

        set
        {
            ThrowUnlessInside(index, 1);
            BpfException.ThrowIfFailed(_calls.Update(&index, &value), $"update element {index} of map '{_calls.Name}'");
        }
    }

    /// <summary>Replaces elements: in one call since Linux 5.6, in a call each on older kernels.</summary>
    /// <param name="first">The index of the first.</param>
    /// <param name="values">The values.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the array.</exception>
    /// <exception cref="BpfException">The kernel refused. The message says how many were written before.</exception>
    public void SetAll(int first, ReadOnlySpan<TValue> values)
    {
        ThrowUnlessInside(first, values.Length);
        if (values.IsEmpty)
            return;
        int[] indexes = [.. Enumerable.Range(first, values.Length)];
        fixed (int* keys = indexes)
        fixed (TValue* v = values)
        {
            var errno = _calls.Batch(BpfCommand.MapUpdateBatch, keys, v, values.Length, out var done);
            if (done == 0 && MapCalls.IsBatchMissing(errno))
            {
                errno = Errno.None;
                while (done < values.Length && (errno = _calls.Update(keys + done, v + done)) is Errno.None)
                    done++;
            }

            BpfException.ThrowIfFailed(errno, $"update element {first + done} (after {done} of {values.Length}) of map '{_calls.Name}'");
        }
    }

    /// <summary>Copies all elements out of the kernel: in one call since Linux 5.6, in a call each on older kernels.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public TValue[] ToArray()
    {
        var values = new TValue[Count];
        var keys = new int[Count];
        fixed (int* k = keys)
        fixed (TValue* v = values)
        {
            int position, count = Count;
            var errno = _calls.ReadBatch(null, &position, k, v, ref count);
            if (!MapCalls.IsBatchMissing(errno))
            {
                if (errno is not Errno.ENOENT)
                    BpfException.ThrowIfFailed(errno, $"read map '{_calls.Name}'");
                return values;
            }
        }

        for (var i = 0; i < values.Length; i++)
            values[i] = this[i];
        return values;
    }

    private void ThrowUnlessInside(int first, int count)
    {
        if ((uint)first > (uint)Count || (uint)count > (uint)(Count - first))
            throw new ArgumentOutOfRangeException(nameof(first), $"elements {first} to {(long)first + count - 1} of map '{_calls.Name}' with {Count}");
    }
}
