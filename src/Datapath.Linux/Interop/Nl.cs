using System.Runtime.InteropServices;

namespace Datapath.Linux;

/// <summary>linux/netlink.h: framing, which every netlink family shares.</summary>
internal static class Nl
{
    internal const int NETLINK_ROUTE = 0;

    internal const int NETLINK_ADD_MEMBERSHIP = 1;
    internal const int NETLINK_CAP_ACK = 10;
    internal const int NETLINK_EXT_ACK = 11;
    internal const int NETLINK_GET_STRICT_CHK = 12;

    internal const ushort NLMSG_NOOP = 1;
    internal const ushort NLMSG_ERROR = 2;
    internal const ushort NLMSG_DONE = 3;

    internal const ushort NLM_F_REQUEST = 0x1;
    internal const ushort NLM_F_ACK = 0x4;
    internal const ushort NLM_F_DUMP_INTR = 0x10;
    internal const ushort NLM_F_DUMP = 0x300;
    internal const ushort NLM_F_CAPPED = 0x100; // in an NLMSG_ERROR
    internal const ushort NLM_F_ACK_TLVS = 0x200; // in an NLMSG_ERROR or NLMSG_DONE
    internal const ushort NLM_F_REPLACE = 0x100; // in a request that makes something
    internal const ushort NLM_F_EXCL = 0x200;
    internal const ushort NLM_F_CREATE = 0x400;
    internal const ushort NLM_F_APPEND = 0x800;

    internal const ushort NLA_F_NESTED = 0x8000;
    internal const ushort NLA_TYPE_MASK = 0x3fff;

    internal const ushort NLMSGERR_ATTR_MSG = 1;
    internal const ushort NLMSGERR_ATTR_OFFS = 2;

    /// <summary>Messages and attributes both start at multiples of four.</summary>
    internal static int Align(int length) => (length + 3) & ~3;
}

/// <summary>struct nlmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NlMsgHdr
{
    public uint Length;
    public ushort Type;
    public ushort Flags;
    public uint Sequence;
    public uint PortId;
}

/// <summary>struct nlattr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NlAttr
{
    public ushort Length;
    public ushort Type;
}

/// <summary>struct sockaddr_nl.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SockAddrNl
{
    public ushort Family;
    public ushort Padding;
    public uint PortId;
    public uint Groups;
}
