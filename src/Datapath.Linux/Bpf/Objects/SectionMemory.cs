using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf;

/// <summary>A section of variables in this process's memory, mapped when the first of them is used.</summary>
/// <param name="map">The section's map.</param>
/// <param name="isReadOnly">Whether it is frozen: the kernel lets nobody write then.</param>
internal sealed unsafe class SectionMemory(BpfMap map, bool isReadOnly) : IDisposable
{
    private readonly Lock _gate = new();
    private MappedPages? _pages;

    public MapInfo Map => map.Info;

    public T Read<T>(int offset)
        where T : unmanaged
    {
        using var lease = new PagesLease(Pages);
        var place = lease.Start + offset;
        if ((nuint)place % (nuint)sizeof(T) == 0)
        {
            switch (sizeof(T))
            {
                case sizeof(byte):
                    return Unsafe.BitCast<byte, T>(Volatile.Read(ref *place));
                case sizeof(ushort):
                    return Unsafe.BitCast<ushort, T>(Volatile.Read(ref *(ushort*)place));
                case sizeof(uint):
                    return Unsafe.BitCast<uint, T>(Volatile.Read(ref *(uint*)place));
                case sizeof(ulong):
                    return Unsafe.BitCast<ulong, T>(Volatile.Read(ref *(ulong*)place));
            }
        }

        return Unsafe.ReadUnaligned<T>(place);
    }

    public void Write<T>(int offset, T value)
        where T : unmanaged
    {
        using var lease = new PagesLease(Pages);
        var place = lease.Start + offset;
        if ((nuint)place % (nuint)sizeof(T) == 0)
        {
            switch (sizeof(T))
            {
                case sizeof(byte):
                    Volatile.Write(ref *place, Unsafe.BitCast<T, byte>(value));
                    return;
                case sizeof(ushort):
                    Volatile.Write(ref *(ushort*)place, Unsafe.BitCast<T, ushort>(value));
                    return;
                case sizeof(uint):
                    Volatile.Write(ref *(uint*)place, Unsafe.BitCast<T, uint>(value));
                    return;
                case sizeof(ulong):
                    Volatile.Write(ref *(ulong*)place, Unsafe.BitCast<T, ulong>(value));
                    return;
            }
        }

        Unsafe.WriteUnaligned(place, value);
    }

    public void Read(int offset, Span<byte> destination)
    {
        using var lease = new PagesLease(Pages);
        new ReadOnlySpan<byte>(lease.Start + offset, destination.Length).CopyTo(destination);
    }

    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        using var lease = new PagesLease(Pages);
        source.CopyTo(new Span<byte>(lease.Start + offset, source.Length));
    }

    public void Dispose()
    {
        lock (_gate)
            _pages?.Dispose();
    }

    private MappedPages Pages => Volatile.Read(ref _pages) ?? MapOnce();

    private MappedPages MapOnce()
    {
        lock (_gate)
        {
            if (_pages is not null)
                return _pages;
            using var lease = map.Handle.Lease(); // throws if the object was disposed
            if (!map.Info.Flags.HasFlag(MapFlags.Mappable))
                throw new FeatureNotSupportedException(BpfFeature.MappableArray);
            var length = map.Info.ValueSize;
            var address = Libc.mmap(null, length, isReadOnly ? Libc.PROT_READ : Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, (int)lease.Fd, 0);
            if (address == (void*)-1)
                throw MapCalls.Refusal($"map the variables of section '{map.Info.Name}' into memory", (Errno)Marshal.GetLastPInvokeError());
            _pages = new(address, length);
            return _pages;
        }
    }

    // Keeps the pages mapped during an access, whoever disposes the object meanwhile.
    private ref struct PagesLease
    {
        private readonly MappedPages _pages;
        private bool _isHeld;

        public PagesLease(MappedPages pages)
        {
            _pages = pages;
            pages.DangerousAddRef(ref _isHeld);
        }

        public readonly byte* Start => (byte*)_pages.DangerousGetHandle();

        public void Dispose()
        {
            if (_isHeld)
                _pages.DangerousRelease();
            _isHeld = false;
        }
    }
}
