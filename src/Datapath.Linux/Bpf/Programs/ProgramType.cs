namespace Datapath.Linux.Bpf;

/// <summary>The kinds of programs (<c>enum bpf_prog_type</c>).</summary>
/// <remarks>Minimum kernel: 3.19 for the oldest; each says its own.</remarks>
public enum ProgramType : uint
{
    /// <summary>None: what a <see cref="ProgramSpec"/> has whose section is named for no known kind. The kernel takes no such program.</summary>
    Unspecified = 0,

    /// <summary>Sees the packets of a socket. Minimum kernel: 3.19.</summary>
    SocketFilter = 1,

    /// <summary>Runs at a function of the kernel or of a program. Minimum kernel: 4.1.</summary>
    Kprobe = 2,

    /// <summary>Decides on packets of an interface, at tc or tcx. Minimum kernel: 4.1.</summary>
    SchedClassifier = 3,

    /// <summary>Decides on packets of an interface, as an action of traffic control. Minimum kernel: 4.1.</summary>
    SchedAction = 4,

    /// <summary>Runs at a tracepoint. Minimum kernel: 4.7.</summary>
    Tracepoint = 5,

    /// <summary>Decides on packets before the stack has them. Minimum kernel: 4.8.</summary>
    Xdp = 6,

    /// <summary>Runs when a performance counter overflows. Minimum kernel: 4.9.</summary>
    PerfEvent = 7,

    /// <summary>Decides on packets of the sockets of a cgroup. Minimum kernel: 4.10.</summary>
    CgroupSkb = 8,

    /// <summary>Runs when a process of a cgroup makes, binds or closes a socket. Minimum kernel: 4.10.</summary>
    CgroupSock = 9,

    /// <summary>Looks at packets that a route takes in. Minimum kernel: 4.10.</summary>
    LwtIn = 10,

    /// <summary>Looks at packets that a route sends. Minimum kernel: 4.10.</summary>
    LwtOut = 11,

    /// <summary>Rewrites and redirects packets that a route sends. Minimum kernel: 4.10.</summary>
    LwtXmit = 12,

    /// <summary>Runs at turning points of TCP connections. Minimum kernel: 4.13.</summary>
    SockOps = 13,

    /// <summary>Cuts what sockets of a map receive into messages, and sends them on. Minimum kernel: 4.14.</summary>
    SkSkb = 14,

    /// <summary>Decides whether processes of a cgroup may use a device. Minimum kernel: 4.15.</summary>
    CgroupDevice = 15,

    /// <summary>Decides on what sockets of a map send. Minimum kernel: 4.17.</summary>
    SkMsg = 16,

    /// <summary>Runs at a tracepoint, with its raw arguments. Minimum kernel: 4.17.</summary>
    RawTracepoint = 17,

    /// <summary>Runs when a process of a cgroup names an address to a socket. Minimum kernel: 4.17.</summary>
    CgroupSockAddr = 18,

    /// <summary>Rewrites packets at an end of segment routing. Minimum kernel: 4.18.</summary>
    LwtSeg6Local = 19,

    /// <summary>Decodes infrared remote controls. Minimum kernel: 4.18.</summary>
    LircMode2 = 20,

    /// <summary>Chooses among sockets that share a port. Minimum kernel: 4.19.</summary>
    SkReusePort = 21,

    /// <summary>Takes packets of a network namespace apart, for hashes and filters. Minimum kernel: 4.20.</summary>
    FlowDissector = 22,

    /// <summary>Decides whether processes of a cgroup may read and write a setting of the kernel. Minimum kernel: 5.2.</summary>
    CgroupSysctl = 23,

    /// <summary>Runs at a tracepoint whose arguments it may change. Minimum kernel: 5.2.</summary>
    RawTracepointWritable = 24,

    /// <summary>Decides on getsockopt(2) and setsockopt(2) of the processes of a cgroup. Minimum kernel: 5.3.</summary>
    CgroupSockOption = 25,

    /// <summary>Iterators, and other programs that are checked against the types of the kernel. Minimum kernel: 5.5.</summary>
    Tracing = 26,

    /// <summary>A function of a <see cref="MapType.StructOps"/>. Minimum kernel: 5.6.</summary>
    StructOps = 27,

    /// <summary>Stands in for a function of another program. Minimum kernel: 5.6.</summary>
    Extension = 28,

    /// <summary>Decides as a security module does. Minimum kernel: 5.7.</summary>
    Lsm = 29,

    /// <summary>Chooses the socket for what comes in to a network namespace. Minimum kernel: 5.9.</summary>
    SkLookup = 30,

    /// <summary>Runs when user space asks for it. Minimum kernel: 5.14.</summary>
    Syscall = 31,

    /// <summary>Decides on packets at a netfilter hook. Minimum kernel: 6.4.</summary>
    Netfilter = 32,
}
