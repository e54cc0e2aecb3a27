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

    /// <summary>Where a message ends in what sockets of a map receive. Minimum kernel: 4.14.</summary>
    SkSkbStreamParser = 4,

    /// <summary>Where such a message goes. Minimum kernel: 4.14.</summary>
    SkSkbStreamVerdict = 5,

    /// <summary>The use of a device by processes of a cgroup. Minimum kernel: 4.15.</summary>
    CgroupDevice = 6,

    /// <summary>Where goes what sockets of a map send. Minimum kernel: 4.17.</summary>
    SkMsgVerdict = 7,

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

    /// <summary>An infrared receiver. Minimum kernel: 4.18.</summary>
    LircMode2 = 16,

    /// <summary>Packets of a network namespace that are taken apart. Minimum kernel: 4.20.</summary>
    FlowDissector = 17,

    /// <summary>Settings of the kernel, for processes of a cgroup. Minimum kernel: 5.2.</summary>
    CgroupSysctl = 18,

    /// <summary>recvmsg(2) that asks for the IPv4 source address. Minimum kernel: 5.2.</summary>
    CgroupUdp4Recvmsg = 19,

    /// <summary>recvmsg(2) that asks for the IPv6 source address. Minimum kernel: 5.2.</summary>
    CgroupUdp6Recvmsg = 20,

    /// <summary>getsockopt(2). Minimum kernel: 5.3.</summary>
    CgroupGetSockOption = 21,

    /// <summary>setsockopt(2). Minimum kernel: 5.3.</summary>
    CgroupSetSockOption = 22,

    /// <summary>A tracepoint, whose arguments are checked against the types of the kernel. Minimum kernel: 5.5.</summary>
    TraceRawTracepoint = 23,

    /// <summary>The start of a function of the kernel or of a program. Minimum kernel: 5.5.</summary>
    TraceFunctionEntry = 24,

    /// <summary>Its end. Minimum kernel: 5.5.</summary>
    TraceFunctionExit = 25,

    /// <summary>The return value of a function of the kernel. Minimum kernel: 5.7.</summary>
    ModifyReturn = 26,

    /// <summary>A hook of security modules. Minimum kernel: 5.7.</summary>
    LsmMac = 27,

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

    /// <summary>Packets that a <see cref="MapType.DevMap"/> sends to an interface. Minimum kernel: 5.8.</summary>
    XdpDevMap = 33,

    /// <summary>close(2) of a socket. Minimum kernel: 5.9.</summary>
    CgroupInetSockRelease = 34,

    /// <summary>Packets that a <see cref="MapType.CpuMap"/> sends to a CPU. Minimum kernel: 5.9.</summary>
    XdpCpuMap = 35,

    /// <summary>What comes in to a network namespace and looks for its socket. Minimum kernel: 5.9.</summary>
    SkLookup = 36,

    /// <summary>Packets of an interface, before the stack. Minimum kernel: 4.8.</summary>
    Xdp = 37,

    /// <summary>Where goes what sockets of a map receive, message by message or not. Minimum kernel: 5.13.</summary>
    SkSkbVerdict = 38,

    /// <summary>The choice among sockets that share a port. Minimum kernel: 5.14.</summary>
    SkReusePortSelect = 39,

    /// <summary>The same, also for connections whose socket was closed. Minimum kernel: 5.14.</summary>
    SkReusePortSelectOrMigrate = 40,

    /// <summary>A performance event or a tracepoint, by a link. Minimum kernel: 5.15.</summary>
    PerfEvent = 41,

    /// <summary>Many functions of the kernel. Minimum kernel: 5.18.</summary>
    TraceKprobeMulti = 42,

    /// <summary>A hook of security modules, for processes of a cgroup. Minimum kernel: 6.0.</summary>
    LsmCgroup = 43,

    /// <summary>The place of an implementation of one of the kernel's interfaces, by a link. Minimum kernel: 6.4.</summary>
    StructOps = 44,

    /// <summary>A netfilter hook. Minimum kernel: 6.4.</summary>
    Netfilter = 45,

    /// <summary>Packets that come in by an interface. Minimum kernel: 6.6.</summary>
    TcxIngress = 46,

    /// <summary>Packets that leave by an interface. Minimum kernel: 6.6.</summary>
    TcxEgress = 47,

    /// <summary>Many functions of a program of user space. Minimum kernel: 6.6.</summary>
    TraceUprobeMulti = 48,

    /// <summary>connect(2) to a unix socket. Minimum kernel: 6.7.</summary>
    CgroupUnixConnect = 49,

    /// <summary>sendmsg(2) of a datagram that names a unix socket. Minimum kernel: 6.7.</summary>
    CgroupUnixSendmsg = 50,

    /// <summary>recvmsg(2) that asks for the unix socket that sent. Minimum kernel: 6.7.</summary>
    CgroupUnixRecvmsg = 51,

    /// <summary>getpeername(2) of a unix socket. Minimum kernel: 6.7.</summary>
    CgroupUnixGetPeername = 52,

    /// <summary>getsockname(2) of a unix socket. Minimum kernel: 6.7.</summary>
    CgroupUnixGetSockname = 53,

    /// <summary>Packets that the host sends into a netkit device. Minimum kernel: 6.7.</summary>
    NetkitPrimary = 54,

    /// <summary>Packets that the other side sends into it. Minimum kernel: 6.7.</summary>
    NetkitPeer = 55,

    /// <summary>Start and end of many functions of the kernel. Minimum kernel: 6.10.</summary>
    TraceKprobeSession = 56,

    /// <summary>Start and end of many functions of a program of user space. Minimum kernel: 6.13.</summary>
    TraceUprobeSession = 57,
}
