namespace Datapath.Linux;

/// <summary>linux/netfilter/nfnetlink_conntrack.h, nf_conntrack_common.h, nf_conntrack_tcp.h: the connections that the kernel follows.</summary>
internal static class Ctnl
{
    internal const byte IPCTNL_MSG_CT_NEW = 0;
    internal const byte IPCTNL_MSG_CT_GET = 1;
    internal const byte IPCTNL_MSG_CT_DELETE = 2;

    internal const ushort CTA_TUPLE_ORIG = 1;
    internal const ushort CTA_TUPLE_REPLY = 2;
    internal const ushort CTA_STATUS = 3;
    internal const ushort CTA_PROTOINFO = 4;
    internal const ushort CTA_NAT_SRC = 6;
    internal const ushort CTA_TIMEOUT = 7;
    internal const ushort CTA_NAT_DST = 13;
    internal const ushort CTA_ID = 12;
    internal const ushort CTA_ZONE = 18;
    internal const ushort CTA_TIMESTAMP = 20;

    internal const ushort CTA_TUPLE_IP = 1;
    internal const ushort CTA_TUPLE_PROTO = 2;
    internal const ushort CTA_IP_V4_SRC = 1;
    internal const ushort CTA_IP_V4_DST = 2;
    internal const ushort CTA_IP_V6_SRC = 3;
    internal const ushort CTA_IP_V6_DST = 4;
    internal const ushort CTA_PROTO_NUM = 1;
    internal const ushort CTA_PROTO_SRC_PORT = 2;
    internal const ushort CTA_PROTO_DST_PORT = 3;
    internal const ushort CTA_PROTO_ICMP_ID = 4;
    internal const ushort CTA_PROTO_ICMP_TYPE = 5;
    internal const ushort CTA_PROTO_ICMP_CODE = 6;
    internal const ushort CTA_PROTO_ICMPV6_ID = 7;
    internal const ushort CTA_PROTO_ICMPV6_TYPE = 8;
    internal const ushort CTA_PROTO_ICMPV6_CODE = 9;
    internal const ushort CTA_PROTOINFO_TCP = 1;
    internal const ushort CTA_PROTOINFO_TCP_STATE = 1;
    internal const ushort CTA_PROTOINFO_TCP_FLAGS_ORIGINAL = 4;
    internal const ushort CTA_PROTOINFO_TCP_FLAGS_REPLY = 5;
    internal const ushort CTA_NAT_V4_MINIP = 1;
    internal const ushort CTA_NAT_V4_MAXIP = 2;
    internal const ushort CTA_NAT_PROTO = 3;
    internal const ushort CTA_NAT_V6_MINIP = 4;
    internal const ushort CTA_NAT_V6_MAXIP = 5;
    internal const ushort CTA_PROTONAT_PORT_MIN = 1;
    internal const ushort CTA_PROTONAT_PORT_MAX = 2;
    internal const ushort CTA_TIMESTAMP_START = 1;

    internal const uint IPS_SEEN_REPLY = 0x2;
    internal const uint IPS_ASSURED = 0x4;
    internal const uint IPS_CONFIRMED = 0x8;
    internal const uint IPS_SRC_NAT = 0x10;

    internal const byte TCP_CONNTRACK_SYN_SENT = 1;
    internal const byte TCP_CONNTRACK_SYN_RECV = 2;
    internal const byte TCP_CONNTRACK_ESTABLISHED = 3;
    internal const byte TCP_CONNTRACK_FIN_WAIT = 4;
    internal const byte TCP_CONNTRACK_CLOSE_WAIT = 5;
    internal const byte TCP_CONNTRACK_LAST_ACK = 6;
    internal const byte TCP_CONNTRACK_TIME_WAIT = 7;
    internal const byte IP_CT_TCP_FLAG_BE_LIBERAL = 0x8;
}
