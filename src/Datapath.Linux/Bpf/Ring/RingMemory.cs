using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>
/// A ring's three parts in this process's memory: the page of the consumer's position, the page of the producer's, and the data, twice in a row.
/// A reader may write to the first alone, a writer to the other two.
/// </summary>
internal sealed unsafe class RingMemory : SafeHandle
{
    private const ulong LargestSize = 1UL << 29; // twice that is the most that a span can cover

    private readonly nuint _producerLength;
    private bool _isUsed;
    private bool _isClosing;

    /// <summary>Maps a ring buffer.</summary>
    /// <param name="map">The map.</param>
    /// <param name="isWriter">Whether this process writes records; else it reads them.</param>
    public RingMemory(BpfMap map, bool isWriter = false)
        : base(0, ownsHandle: true)
    {
        var page = (nuint)Environment.SystemPageSize;
        Size = map.Info.MaxEntries;
        _producerLength = page + (nuint)(2 * Size);
        using var lease = map.Handle.Lease();
        var consumer = Map(map, page, isWriter ? Libc.PROT_READ : Libc.PROT_READ | Libc.PROT_WRITE, lease, 0);
        SetHandle((nint)consumer);
        Consumer = (ulong*)consumer;
        try
        {
            Producer = (ulong*)Map(map, _producerLength, isWriter ? Libc.PROT_READ | Libc.PROT_WRITE : Libc.PROT_READ, lease, (nint)page);
            Data = (byte*)Producer + page;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Stands for a mapped ring in memory that someone else owns.</summary>
    internal RingMemory(ulong* consumer, ulong* producer, byte* data, ulong size)
        : base(0, ownsHandle: false)
    {
        SetHandle((nint)consumer);
        Consumer = consumer;
        Producer = producer;
        Data = data;
        Size = size;
    }

    public ulong* Consumer { get; }

    public ulong* Producer { get; }

    public byte* Data { get; }

    /// <summary>Bytes of the data, once.</summary>
    public ulong Size { get; }

    public override bool IsInvalid => handle == 0;

    /// <exception cref="MapLayoutException">The map is no ring of this kind, or too large.</exception>
    public static void ThrowUnlessRing(BpfMap map, MapType type, string reason)
    {
        var size = map.Info.MaxEntries;
        MapLayoutException.ThrowUnless(map.Info.Type == type, map.Info, reason);
        MapLayoutException.ThrowUnless(ulong.IsPow2(size) && size % (ulong)Environment.SystemPageSize == 0, map.Info, $"{size} is no power of two pages");
        MapLayoutException.ThrowUnless(size <= LargestSize, map.Info, $"{size} bytes are more than the {LargestSize} that can be mapped");
    }

    /// <summary>Keeps the memory mapped until <see cref="EndUse"/>, for the one thread that reads or writes. Costs no atomic operation.</summary>
    /// <returns>Whether it may be used: not after <see cref="DisposeWhenUnused"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryBeginUse()
    {
        Volatile.Write(ref _isUsed, true);
        if (!Volatile.Read(ref _isClosing))
            return true;
        EndUse();
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndUse()
    {
        Volatile.Write(ref _isUsed, false);
        if (Volatile.Read(ref _isClosing))
            Dispose();
    }

    /// <summary>Unmaps the memory as soon as nobody uses it.</summary>
    public void DisposeWhenUnused()
    {
        Volatile.Write(ref _isClosing, true);
        // A use that began before this barrier is seen below and ends in EndUse, which sees that the memory is closing; one that begins after sees it at once.
        Interlocked.MemoryBarrierProcessWide();
        if (!Volatile.Read(ref _isUsed))
            Dispose();
    }

    /// <summary>Reads a position on any thread, whatever the others do.</summary>
    /// <exception cref="ObjectDisposedException">The memory is unmapped.</exception>
    public ulong Read(ulong* place)
    {
        var isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            return Volatile.Read(ref *place);
        }
        finally
        {
            if (isHeld)
                DangerousRelease();
        }
    }

    protected override bool ReleaseHandle() =>
        (Producer is null || Libc.munmap(Producer, _producerLength) == 0) & Libc.munmap((void*)handle, (nuint)Environment.SystemPageSize) == 0;

    private static void* Map(BpfMap map, nuint length, int protection, FdLease lease, nint offset)
    {
        var address = Libc.mmap(null, length, protection, Libc.MAP_SHARED, (int)lease.Fd, offset);
        return address != (void*)-1
            ? address
            : throw MapCalls.Refusal($"map ring buffer '{map.Info.Name}' into memory", (Errno)Marshal.GetLastPInvokeError());
    }
}
