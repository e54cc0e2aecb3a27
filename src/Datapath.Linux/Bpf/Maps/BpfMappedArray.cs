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
    private readonly MappedPages _pages;
    private readonly string _name;
    private volatile bool _isDisposed;

    internal BpfMappedArray(BpfMap map)
    {
        MapLayoutException.ThrowUnless(map.Info.Type is MapType.Array && map.Info.Flags.HasFlag(MapFlags.Mappable), map.Info, "is no mappable array");
        MapLayoutException.ThrowIfSizeDiffers<TValue>(map.Info, "value", map.Info.ValueSize);
        MapLayoutException.ThrowUnless(sizeof(TValue) % 8 == 0, map.Info, $"the size of {typeof(TValue).Name} is no multiple of 8");
        Count = checked((int)map.Info.MaxEntries);
        _name = map.Info.Name;
        var length = (nuint)Count * (nuint)sizeof(TValue);

        using var lease = map.Handle.Lease();
        var address = Libc.mmap(null, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, (int)lease.Fd, 0);
        if (address == (void*)-1)
            throw MapCalls.Refusal($"map '{_name}' into memory", (Errno)Marshal.GetLastPInvokeError());
        _pages = new(address, length);
    }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>A range of elements, in place: <c>using var slots = array.Slice(0, 8);</c></summary>
    /// <param name="first">The index of the first.</param>
    /// <param name="count">How many.</param>
    /// <returns>The range, to be disposed: until then the memory stays mapped.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the array.</exception>
    /// <exception cref="ObjectDisposedException">The array was disposed.</exception>
    public MappedSlice<TValue> Slice(int first, int count)
    {
        ThrowIfDisposed();
        if ((uint)first > (uint)Count || (uint)count > (uint)(Count - first))
            throw new ArgumentOutOfRangeException(nameof(first), $"elements {first} to {(long)first + count - 1} of map '{_name}' with {Count}");
        return new(_pages, first, count);
    }

    /// <summary>An element that nothing keeps mapped, for an owner that does not dispose the array while it is in use.</summary>
    internal ref TValue DangerousItem(int index)
    {
        ThrowIfDisposed();
        return ref new Span<TValue>((void*)_pages.DangerousGetHandle(), Count)[index];
    }

    /// <summary>Unmaps the array, once no range of it is in use any more. Any thread may call it at any time.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _pages.Dispose();
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
            throw Unmapped();
    }

    private ObjectDisposedException Unmapped() => new($"memory of map '{_name}'");
}
