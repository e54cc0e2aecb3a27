namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfFeature
{
    /// <summary>Taking an element out of a hash map in one step (<c>BPF_MAP_LOOKUP_AND_DELETE_ELEM</c>), Linux 5.14.</summary>
    public static BpfFeature HashTake { get; } = new("lookup-and-delete in hash maps", "5.14", static () => WithHash(static fd =>
    {
        uint key = 0, value = 0;
        var attr = new MapElementAttr { MapFd = fd, Key = (ulong)(&key), ValueOrNextKey = (ulong)(&value) };
        return Libc.Bpf(BpfCommand.MapLookupAndDeleteElem, ref attr);
    }));

    /// <summary>Many elements of a hash map in one call (<c>BPF_MAP_LOOKUP_BATCH</c> and its like), Linux 5.6.</summary>
    public static BpfFeature MapBatches { get; } = new("batches of map elements", "5.6", static () => WithHash(static fd =>
    {
        uint key = 0, value = 0, next = 0;
        var attr = new MapBatchAttr { MapFd = fd, OutBatch = (ulong)(&next), Keys = (ulong)(&key), Values = (ulong)(&value), Count = 1 };
        return Libc.Bpf(BpfCommand.MapLookupBatch, ref attr);
    }));

    // Asks an empty hash map: a kernel that knows the command says that there is nothing.
    private static bool? WithHash(Func<uint, Errno> ask)
    {
        var create = new MapCreateAttr { MapType = (uint)MapType.Hash, KeySize = sizeof(uint), ValueSize = sizeof(uint), MaxEntries = 1 };
        if (Libc.Bpf(BpfCommand.MapCreate, ref create, out var fd) is not Errno.None)
            return null;
        using var handle = new SafeBpfHandle(fd);
        using var lease = handle.Lease();
        return ask(lease.Fd) switch
        {
            Errno.None or Errno.ENOENT => true,
            Errno.EINVAL or Errno.ENOTSUPP or Errno.EOPNOTSUPP => false,
            _ => null,
        };
    }
}
