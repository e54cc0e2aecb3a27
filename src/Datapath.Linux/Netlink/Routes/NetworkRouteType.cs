namespace Datapath.Linux.Netlink;

/// <summary>What a route does with a packet. Values are the kernel's RTN_ numbers.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum NetworkRouteType
{
    /// <summary>Not known; no route has it.</summary>
    Unspecified = 0,

    /// <summary>Sends it to the gateway or out of the interface.</summary>
    Unicast = 1,

    /// <summary>Delivers it on this machine.</summary>
    Local = 2,

    /// <summary>Delivers it here and sends it as a broadcast (IPv4; made by the kernel for addresses).</summary>
    Broadcast = 3,

    /// <summary>An anycast address of this machine (IPv6; made by the kernel for addresses).</summary>
    Anycast = 4,

    /// <summary>Multicast.</summary>
    Multicast = 5,

    /// <summary>Drops it silently. A local sender gets EINVAL.</summary>
    Blackhole = 6,

    /// <summary>Drops it and answers that the host is unreachable. A local sender gets EHOSTUNREACH.</summary>
    Unreachable = 7,

    /// <summary>Drops it and answers that this is forbidden. A local sender gets EACCES.</summary>
    Prohibit = 8,

    /// <summary>Goes on with the next routing rule.</summary>
    Throw = 9,
}
