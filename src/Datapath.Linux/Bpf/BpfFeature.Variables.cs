namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfFeature
{
    /// <summary>Arrays in the memory of processes (<c>BPF_F_MMAPABLE</c>), Linux 5.5: variables of a loaded object can be read and written.</summary>
    public static BpfFeature MappedArrays { get; } = new("arrays in the memory of processes", "5.5", static () =>
    {
        var create = new MapCreateAttr
        {
            MapType = (uint)MapType.Array,
            KeySize = sizeof(uint),
            ValueSize = sizeof(ulong),
            MaxEntries = 1,
            MapFlags = (uint)MapFlags.Mappable,
        };
        var errno = Libc.Bpf(BpfCommand.MapCreate, ref create, out var fd);
        if (errno is Errno.None)
            _ = Libc.close(fd);
        return errno switch
        {
            Errno.None => true,
            Errno.EINVAL => false,
            _ => null,
        };
    });
}
