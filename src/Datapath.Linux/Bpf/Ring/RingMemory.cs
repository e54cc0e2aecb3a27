using System.Runtime.InteropServices;

namespace Datapath.Linux.Bpf.Ring;

/// <summary>
/// A ring's three parts in this process's memory: the page of the consumer's position (ours to write), the page of the producer's, and the
/// data, twice in a row.
/// </summary>
internal sealed unsafe class RingMemory : SafeHandle
{
    private readonly nuint _readOnlyLength;

    /// <summary>Maps a ring buffer.</summary>
    public RingMemory(BpfMap map)
        : base(0, ownsHandle: true)
    {
        var page = (nuint)Environment.SystemPageSize;
        Size = map.Info.MaxEntries;
        _readOnlyLength = page + (nuint)(2 * Size);
        using var lease = map.Handle.Lease();
        var consumer = Map(map, page, Libc.PROT_READ | Libc.PROT_WRITE, lease, 0);
        SetHandle((nint)consumer);
        Consumer = (ulong*)consumer;
        try
        {
            Producer = (ulong*)Map(map, _readOnlyLength, Libc.PROT_READ, lease, (nint)page);
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

    protected override bool ReleaseHandle() =>
        (Producer is null || Libc.munmap(Producer, _readOnlyLength) == 0) & Libc.munmap((void*)handle, (nuint)Environment.SystemPageSize) == 0;

    private static void* Map(BpfMap map, nuint length, int protection, FdLease lease, nint offset)
    {
        var address = Libc.mmap(null, length, protection, Libc.MAP_SHARED, (int)lease.Fd, offset);
        return address != (void*)-1
            ? address
            : throw new BpfException($"map ring buffer '{map.Info.Name}' into memory", (Errno)Marshal.GetLastPInvokeError());
    }
}
