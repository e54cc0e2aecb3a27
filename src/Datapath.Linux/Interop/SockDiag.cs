using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Linux;

/// <summary>linux/sock_diag.h, inet_diag.h: the messages of NETLINK_SOCK_DIAG.</summary>
internal static class SockDiag
{
    internal const int NETLINK_SOCK_DIAG = 4;

    internal const ushort SOCK_DIAG_BY_FAMILY = 20;
    internal const ushort SOCK_DESTROY = 21; // since Linux 4.9

    internal const ushort INET_DIAG_REQ_BYTECODE = 1;
    internal const ushort INET_DIAG_MARK = 15; // shown to CAP_NET_ADMIN only
    internal const ushort INET_DIAG_CGROUP_ID = 21; // since Linux 5.8

    internal const byte INET_DIAG_BC_S_COND = 7;
    internal const byte INET_DIAG_BC_D_COND = 8;
}

/// <summary>struct inet_diag_sockid: ports and addresses in network order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InetDiagSockId
{
    public ushort SourcePort;
    public ushort DestinationPort;
    public Address16 Source;
    public Address16 Destination;
    public uint Interface;
    public uint CookieLow;
    public uint CookieHigh;
}

/// <summary>Room for an IPv6 address, or an IPv4 one in the first four bytes.</summary>
[InlineArray(16)]
internal struct Address16
{
    private byte _first;
}

/// <summary>struct inet_diag_req_v2.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InetDiagReqV2
{
    public byte Family;
    public byte Protocol;
    public byte Extensions;
    public byte Padding;
    public uint States;
    public InetDiagSockId Id;
}

/// <summary>struct inet_diag_msg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InetDiagMsg
{
    public byte Family;
    public byte State;
    public byte Timer;
    public byte Retransmits;
    public InetDiagSockId Id;
    public uint Expires;
    public uint ReceiveQueue;
    public uint SendQueue;
    public uint Uid;
    public uint Inode;
}

/// <summary>struct inet_diag_bc_op: how many bytes of the filter to go on by if it holds, and if not. Past the end by 4 means refused.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InetDiagBcOp
{
    public byte Code;
    public byte Yes;
    public ushort No;
}

/// <summary>struct inet_diag_hostcond, without the address that follows it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InetDiagHostCond
{
    public byte Family;
    public byte PrefixLength;
    public ushort Padding;
    public int Port; // -1: any
}
