using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Bpf;

/// <summary>Memory of the kernel's that this process may read, until it ends: nothing unmaps it, so no span can outlive it.</summary>
internal sealed unsafe class LentMemory : MemoryManager<byte>
{
    private readonly byte* _start;
    private readonly int _length;

    private LentMemory(byte* start, int length)
    {
        _start = start;
        _length = length;
    }

    /// <summary>Maps a file of the kernel's; <see langword="null"/> if this kernel does not lend it.</summary>
    public static LentMemory? TryMap(SafeFileHandle handle, int length)
    {
        if (length == 0)
            return null;
        using var lease = new FdLease(handle);
        var address = Libc.mmap(null, (nuint)length, Libc.PROT_READ, Libc.MAP_PRIVATE, (int)lease.Fd, 0);
        return address == (void*)-1 ? null : new((byte*)address, length);
    }

    public override Span<byte> GetSpan() => new(_start, _length);

    // The memory never moves.
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length);
        return new(_start + elementIndex);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
