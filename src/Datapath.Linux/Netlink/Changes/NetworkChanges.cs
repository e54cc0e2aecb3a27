namespace Datapath.Linux.Netlink;

/// <summary>What a <see cref="NetworkWatcher"/> tells of.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
[Flags]
public enum NetworkChanges
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Interfaces: <see cref="LinkChange"/>.</summary>
    Links = 1 << 0,

    /// <summary>Addresses of interfaces: <see cref="AddressChange"/>.</summary>
    Addresses = 1 << 1,

    /// <summary>Routes: <see cref="RouteChange"/>.</summary>
    Routes = 1 << 2,

    /// <summary>Neighbours, of IPv4 and IPv6: <see cref="NeighbourChange"/>.</summary>
    Neighbours = 1 << 3,

    /// <summary>Forwarding entries of bridges and VXLAN interfaces: <see cref="ForwardingChange"/>.</summary>
    ForwardingEntries = 1 << 4,

    /// <summary>Routing rules: <see cref="RuleChange"/>.</summary>
    Rules = 1 << 5,
}
