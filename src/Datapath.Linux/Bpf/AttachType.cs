namespace Datapath.Linux.Bpf;

/// <summary>The hooks that a program can be attached to (<c>enum bpf_attach_type</c>).</summary>
public enum AttachType : uint
{
    /// <summary>connect(2) to an IPv4 address. Minimum kernel: 4.17.</summary>
    CgroupInet4Connect = 10,

    /// <summary>connect(2) to an IPv6 address. Minimum kernel: 4.17.</summary>
    CgroupInet6Connect = 11,

    /// <summary>sendmsg(2) of a datagram that names an IPv4 address. Minimum kernel: 4.18.</summary>
    CgroupUdp4Sendmsg = 14,

    /// <summary>sendmsg(2) of a datagram that names an IPv6 address. Minimum kernel: 4.18.</summary>
    CgroupUdp6Sendmsg = 15,

    /// <summary>recvmsg(2) that asks for the IPv4 source address. Minimum kernel: 5.2.</summary>
    CgroupUdp4Recvmsg = 19,

    /// <summary>recvmsg(2) that asks for the IPv6 source address. Minimum kernel: 5.2.</summary>
    CgroupUdp6Recvmsg = 20,

    /// <summary>getpeername(2) of an IPv4 socket. Minimum kernel: 5.8.</summary>
    CgroupInet4GetPeername = 29,

    /// <summary>getpeername(2) of an IPv6 socket. Minimum kernel: 5.8.</summary>
    CgroupInet6GetPeername = 30,
}
