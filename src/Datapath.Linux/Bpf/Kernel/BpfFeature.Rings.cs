namespace Datapath.Linux.Bpf;

public sealed unsafe partial class BpfFeature
{
    /// <summary>Ring buffers from programs to user space (<c>BPF_MAP_TYPE_RINGBUF</c>), Linux 5.8.</summary>
    public static BpfFeature RingBuffers { get; } = new("ring buffer maps", "5.8", static () => RingIsMade(MapType.RingBuffer));

    /// <summary>Ring buffers from user space to programs (<c>BPF_MAP_TYPE_USER_RINGBUF</c>), Linux 6.1.</summary>
    public static BpfFeature UserRingBuffers { get; } = new("user ring buffer maps", "6.1", static () => RingIsMade(MapType.UserRingBuffer));

    // The smallest ring there is: a kernel that knows the kind takes it.
    private static bool? RingIsMade(MapType type) => IsMade(new() { MapType = (uint)type, MaxEntries = (uint)Environment.SystemPageSize });
}
