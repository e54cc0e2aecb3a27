namespace Datapath.Linux.Netlink;

/// <summary>How far away a destination is; IPv4 only. Values are the kernel's RT_SCOPE_ numbers.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum NetworkRouteScope
{
    /// <summary>Anywhere, by a gateway.</summary>
    Universe = 0,

    /// <summary>Within the site (not used by the kernel).</summary>
    Site = 200,

    /// <summary>On the link.</summary>
    Link = 253,

    /// <summary>On this machine.</summary>
    Host = 254,
}
