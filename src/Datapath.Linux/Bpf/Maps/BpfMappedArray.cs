using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A mappable array in this process's memory: reads and writes are plain memory accesses, seen by programs at once and without a system
/// call. Order matters to whoever reads on another CPU; publish with an atomic operation after writing.
/// </summary>
/// <typeparam name="TValue">The value; its size must be a multiple of 8, as the kernel's stride is.</typeparam>
/// <remarks>Minimum kernel: 5.5.</remarks>
public sealed unsafe class BpfMappedArray<TValue> : IDisposable
    where TValue : unmanaged
{
    private readonly nuint _length;
    private readonly string _name;
    private TValue* _first;

    internal BpfMappedArray(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.Array && map.Info.Flags.HasFlag(MapFlags.Mappable), map.Info, "is no mappable array");
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
        MapLayoutException.ThrowUnless(sizeof(TValue) % 8 == 0, map.Info, $"the size of {typeof(TValue).Name} is no multiple of 8");
        Count = checked((int)map.Info.MaxEntries);
        _name = map.Info.Name;
        _length = (nuint)Count * (nuint)sizeof(TValue);

        using var lease = map.Handle.Lease();
        var address = Libc.mmap(null, _length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, (int)lease.Fd, 0);
        if (address == (void*)-1)
            throw MapCalls.Refusal($"map '{_name}' into memory", (Errno)Marshal.GetLastPInvokeError());
        _first = (TValue*)address;
    }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>A range of elements, in place.</summary>
    /// <param name="first">The index of the first.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the array.</exception>
    /// <exception cref="ObjectDisposedException">The array was unmapped. A span taken before must not be used after.</exception>
    public Span<TValue> Slice(int first, int count)
    {
        ObjectDisposedException.ThrowIf(_first is null, this);
        if ((uint)first > (uint)Count || (uint)count > (uint)(Count - first))
            throw new ArgumentOutOfRangeException(nameof(first), $"elements {first} to {(long)first + count - 1} of map '{_name}' with {Count}");
        return new(_first + first, count);
    }

    /// <summary>Unmaps the array.</summary>
    public void Dispose()
    {
        if (_first is null)
            return;
        _ = Libc.munmap(_first, _length);
        _first = null;
    }
}
