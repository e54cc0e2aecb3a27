namespace Datapath.Linux.Bpf;

/// <summary>The kinds of programs (<c>enum bpf_prog_type</c>).</summary>
/// <remarks>Minimum kernel: 3.19 for the oldest; each says its own.</remarks>
public enum ProgramType : uint
{
    /// <summary>Sees the packets of a socket. Minimum kernel: 3.19.</summary>
    SocketFilter = 1,

    /// <summary>Decides on packets of an interface, at tc or tcx. Minimum kernel: 4.1.</summary>
    SchedClassifier = 3,

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

    /// <summary>Runs at turning points of TCP connections. Minimum kernel: 4.13.</summary>
    SockOps = 13,

    /// <summary>Runs at a tracepoint, with its raw arguments. Minimum kernel: 4.17.</summary>
    RawTracepoint = 17,

    /// <summary>Runs when a process of a cgroup names an address to a socket. Minimum kernel: 4.17.</summary>
    CgroupSockAddr = 18,

    /// <summary>Takes packets of a network namespace apart, for hashes and filters. Minimum kernel: 4.20.</summary>
    FlowDissector = 22,

    /// <summary>Iterators, and other programs that are checked against the types of the kernel. Minimum kernel: 5.5.</summary>
    Tracing = 26,

    /// <summary>Chooses the socket for what comes in to a network namespace. Minimum kernel: 5.9.</summary>
    SkLookup = 30,

    /// <summary>Runs when user space asks for it. Minimum kernel: 5.14.</summary>
    Syscall = 31,

    /// <summary>Decides on packets at a netfilter hook. Minimum kernel: 6.4.</summary>
    Netfilter = 32,
}
