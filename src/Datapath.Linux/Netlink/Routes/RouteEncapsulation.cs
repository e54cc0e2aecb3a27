namespace Datapath.Linux.Netlink;

/// <summary>What a route puts round packets. Values are the kernel's LWTUNNEL_ENCAP_ numbers.</summary>
/// <remarks>Minimum kernel: 4.3 for the oldest.</remarks>
public enum RouteEncapsulation : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Labels of MPLS.</summary>
    Mpls = 1,

    /// <summary>A header of an IPv4 tunnel.</summary>
    IPv4 = 2,

    /// <summary>An address of ILA in the place of another.</summary>
    Ila = 3,

    /// <summary>A header of an IPv6 tunnel.</summary>
    IPv6 = 4,

    /// <summary>Segments of IPv6 segment routing.</summary>
    SegmentRouting = 5,

    /// <summary>What eBPF programs make of them.</summary>
    Bpf = 6,

    /// <summary>An end of IPv6 segment routing: what is done here.</summary>
    SegmentRoutingLocal = 7,

    /// <summary>A source route of RPL.</summary>
    Rpl = 8,

    /// <summary>Traces of IOAM.</summary>
    Ioam = 9,

    /// <summary>What IPsec says by an interface.</summary>
    Xfrm = 10,
}
