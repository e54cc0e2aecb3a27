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

    /// <summary>Maps that programs may only read, and maps that nobody may write any more: the constants of an object. Linux 5.2.</summary>
    public static BpfFeature ReadOnlyMap { get; } = new("read-only maps", "5.2", static () =>
    {
        var attr = new MapFreezeAttr { MapFd = uint.MaxValue };
        return Known(Libc.Bpf(BpfCommand.MapFreeze, ref attr));
    });

    /// <summary>Arrays that can be mapped into memory (<see cref="MapFlags.Mappable"/>), Linux 5.5.</summary>
    public static BpfFeature MappableArray { get; } = new("arrays mapped into memory", "5.5", static () => ArrayWith(MapFlags.Mappable));

    /// <summary>Arrays of any length in one map of maps (<see cref="MapFlags.InnerMap"/>), Linux 5.10.</summary>
    public static BpfFeature InnerMap { get; } = new("inner arrays of different lengths", "5.10", static () => ArrayWith(MapFlags.InnerMap));

    /// <summary>Counting the runs of programs while a descriptor is open (<see cref="BpfStatistics"/>), Linux 5.8.</summary>
    public static BpfFeature RunStatistics { get; } = new("statistics by descriptor (BPF_ENABLE_STATS)", "5.8", static () =>
    {
        var attr = new EnableStatsAttr { Type = 0 };
        return Made(Libc.Bpf(BpfCommand.EnableStats, ref attr, out var fd), fd);
    });

    private static bool? ArrayWith(MapFlags flags) => IsMade(new()
    {
        MapType = (uint)MapType.Array,
        KeySize = sizeof(uint),
        ValueSize = sizeof(ulong),
        MaxEntries = 1,
        MapFlags = (uint)flags,
    });

    private static bool? Made(Errno errno, int fd)
    {
        if (errno is Errno.None)
            _ = Libc.close(fd);
        return errno switch
        {
            Errno.None => true,
            Errno.EINVAL => false,
            _ => null,
        };
    }

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
