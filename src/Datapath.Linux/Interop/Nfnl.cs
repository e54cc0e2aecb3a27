using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Datapath.Linux;

/// <summary>linux/netfilter.h, linux/netfilter/nfnetlink.h: what the parts of netfilter share.</summary>
internal static class Nfnl
{
    internal const int NETLINK_NETFILTER = 12;

    internal const ushort NFNL_MSG_BATCH_BEGIN = 16;
    internal const ushort NFNL_MSG_BATCH_END = 17;

    internal const byte NFNL_SUBSYS_CTNETLINK = 1;
    internal const byte NFNL_SUBSYS_NFTABLES = 10;

    internal const int NFNLGRP_NFTABLES = 7;

    internal const byte NFPROTO_UNSPEC = 0;
    internal const byte NFPROTO_INET = 1;
    internal const byte NFPROTO_IPV4 = 2;
    internal const byte NFPROTO_IPV6 = 10;

    internal const uint NF_INET_POST_ROUTING = 4;

    internal const uint NF_DROP = 0;
    internal const uint NF_ACCEPT = 1;

    internal const uint NF_NAT_RANGE_MAP_IPS = 0x1;
    internal const uint NF_NAT_RANGE_PROTO_SPECIFIED = 0x2;
    internal const uint NF_NAT_RANGE_PROTO_RANDOM_FULLY = 0x10;

    /// <summary>The type of a message of a part.</summary>
    internal static ushort TypeOf(byte part, byte message) => (ushort)((part << 8) | message);
}

/// <summary>struct nfgenmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NfGenMsg
{
    public byte Family;
    public byte Version;
    public ushort ResourceBigEndian;

    public NfGenMsg(byte family, ushort resource = 0) => (Family, ResourceBigEndian) = (family, BinaryPrimitives.ReverseEndianness(resource));
}
