namespace Datapath.Linux.Bpf;

/// <summary>What the kernel says of a link of any kind.</summary>
/// <param name="Id">Its number, unique while the machine runs.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="ProgramId">The program, by id.</param>
/// <remarks>Minimum kernel: 5.8.</remarks>
public sealed record BpfLinkInfo(uint Id, BpfLinkKind Kind, uint ProgramId);

/// <summary>The kinds of links (<c>enum bpf_link_type</c>).</summary>
/// <remarks>Minimum kernel: 5.8.</remarks>
public enum BpfLinkKind : uint
{
    /// <summary>No kind that has a name.</summary>
    None = 0,

    /// <summary>A tracepoint with its raw arguments: <see cref="RawTracepointLink"/>. Minimum kernel: 5.8.</summary>
    RawTracepoint = 1,

    /// <summary>A function of the kernel. Minimum kernel: 5.8.</summary>
    Tracing = 2,

    /// <summary>A cgroup: <see cref="CgroupLink"/>. Minimum kernel: 5.7.</summary>
    Cgroup = 3,

    /// <summary>A walk over objects of the kernel: <see cref="BpfIterator"/>. Minimum kernel: 5.8.</summary>
    Iterator = 4,

    /// <summary>A network namespace: <see cref="NetworkNamespaceLink"/>. Minimum kernel: 5.8.</summary>
    NetNamespace = 5,

    /// <summary>An interface, before the stack: <see cref="XdpLink"/>. Minimum kernel: 5.9.</summary>
    Xdp = 6,

    /// <summary>A tracepoint or a performance event: <see cref="TracepointLink"/>, <see cref="PerfEventLink"/>. Minimum kernel: 5.15.</summary>
    PerfEvent = 7,

    /// <summary>Many functions of the kernel. Minimum kernel: 5.18.</summary>
    KprobeMulti = 8,

    /// <summary>An implementation of one of the kernel's interfaces. Minimum kernel: 6.4.</summary>
    StructOps = 9,

    /// <summary>A netfilter hook: <see cref="NetfilterLink"/>. Minimum kernel: 6.4.</summary>
    Netfilter = 10,

    /// <summary>Packets of an interface: <see cref="TcxLink"/>. Minimum kernel: 6.6.</summary>
    Tcx = 11,

    /// <summary>Many functions of a program of user space. Minimum kernel: 6.6.</summary>
    UprobeMulti = 12,

    /// <summary>A netkit device: <see cref="NetkitLink"/>. Minimum kernel: 6.7.</summary>
    Netkit = 13,

    /// <summary>A map of sockets. Minimum kernel: 6.10.</summary>
    SocketMap = 14,
}
