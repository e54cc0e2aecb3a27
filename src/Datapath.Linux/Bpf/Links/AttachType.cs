namespace Datapath.Linux.Bpf;

/// <summary>The hooks that a program can be attached to (<c>enum bpf_attach_type</c>).</summary>
/// <remarks>Minimum kernel: 4.10 for the oldest; each says its own.</remarks>
public enum AttachType : uint
{
    /// <summary>Packets that come to a cgroup's sockets. Also what programs have that are made for no certain hook. Minimum kernel: 4.10.</summary>
    CgroupInetIngress = 0,

    /// <summary>Packets that a cgroup's sockets send. Minimum kernel: 4.10.</summary>
    CgroupInetEgress = 1,

    /// <summary>socket(2). Minimum kernel: 4.10.</summary>
    CgroupInetSockCreate = 2,

    /// <summary>Turning points of TCP connections. Minimum kernel: 4.13.</summary>
    CgroupSockOps = 3,

    /// <summary>bind(2) to an IPv4 address. Minimum kernel: 4.17.</summary>
    CgroupInet4Bind = 8,

    /// <summary>bind(2) to an IPv6 address. Minimum kernel: 4.17.</summary>
    CgroupInet6Bind = 9,

    /// <summary>connect(2) to an IPv4 address. Minimum kernel: 4.17.</summary>
    CgroupInet4Connect = 10,

    /// <summary>connect(2) to an IPv6 address. Minimum kernel: 4.17.</summary>
    CgroupInet6Connect = 11,

    /// <summary>After an IPv4 port was assigned. Minimum kernel: 4.17.</summary>
    CgroupInet4PostBind = 12,

    /// <summary>After an IPv6 port was assigned. Minimum kernel: 4.17.</summary>
    CgroupInet6PostBind = 13,

    /// <summary>sendmsg(2) of a datagram that names an IPv4 address. Minimum kernel: 4.18.</summary>
    CgroupUdp4Sendmsg = 14,

    /// <summary>sendmsg(2) of a datagram that names an IPv6 address. Minimum kernel: 4.18.</summary>
    CgroupUdp6Sendmsg = 15,

    /// <summary>Packets of a network namespace that are taken apart. Minimum kernel: 4.20.</summary>
    FlowDissector = 17,

    /// <summary>recvmsg(2) that asks for the IPv4 source address. Minimum kernel: 5.2.</summary>
    CgroupUdp4Recvmsg = 19,

    /// <summary>recvmsg(2) that asks for the IPv6 source address. Minimum kernel: 5.2.</summary>
    CgroupUdp6Recvmsg = 20,

    /// <summary>A tracepoint, whose arguments are checked against the types of the kernel. Minimum kernel: 5.5.</summary>
    TraceRawTracepoint = 23,

    /// <summary>A walk over objects of the kernel. Minimum kernel: 5.8.</summary>
    TraceIterator = 28,

    /// <summary>getpeername(2) of an IPv4 socket. Minimum kernel: 5.8.</summary>
    CgroupInet4GetPeername = 29,

    /// <summary>getpeername(2) of an IPv6 socket. Minimum kernel: 5.8.</summary>
    CgroupInet6GetPeername = 30,

    /// <summary>getsockname(2) of an IPv4 socket. Minimum kernel: 5.8.</summary>
    CgroupInet4GetSockname = 31,

    /// <summary>getsockname(2) of an IPv6 socket. Minimum kernel: 5.8.</summary>
    CgroupInet6GetSockname = 32,

    /// <summary>close(2) of a socket. Minimum kernel: 5.9.</summary>
    CgroupInetSockRelease = 34,

    /// <summary>What comes in to a network namespace and looks for its socket. Minimum kernel: 5.9.</summary>
    SkLookup = 36,

    /// <summary>Packets of an interface, before the stack. Minimum kernel: 4.8.</summary>
    Xdp = 37,

    /// <summary>A performance event or a tracepoint, by a link. Minimum kernel: 5.15.</summary>
    PerfEvent = 41,

    /// <summary>A netfilter hook. Minimum kernel: 6.4.</summary>
    Netfilter = 45,

    /// <summary>Packets that come in by an interface. Minimum kernel: 6.6.</summary>
    TcxIngress = 46,

    /// <summary>Packets that leave by an interface. Minimum kernel: 6.6.</summary>
    TcxEgress = 47,
}
