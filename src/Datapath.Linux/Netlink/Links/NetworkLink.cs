using System.Net.NetworkInformation;

namespace Datapath.Linux.Netlink;

/// <summary>A network interface as the kernel lists it.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record NetworkLink
{
    /// <summary>The number of the interface, unique within its network namespace.</summary>
    public required int Index { get; init; }

    /// <summary>The name, at most 15 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of virtual interface it is, such as <c>veth</c> or <c>bridge</c>; <see langword="null"/> for hardware and for loopback.</summary>
    public string? Kind { get; init; }

    /// <summary>The kernel's IFF_ flags.</summary>
    public uint Flags { get; init; }

    /// <summary>Whether it has been set up.</summary>
    public bool IsUp => (Flags & Rtnl.IFF_UP) != 0;

    /// <summary>Whether it is up and has a carrier: for a veth, the peer is up, too.</summary>
    public bool HasCarrier => (Flags & Rtnl.IFF_LOWER_UP) != 0;

    /// <summary>Whether it is the loopback interface.</summary>
    public bool IsLoopback => (Flags & Rtnl.IFF_LOOPBACK) != 0;

    /// <summary>The largest packet, in bytes, without the link header.</summary>
    public int Mtu { get; init; }

    /// <summary>The hardware address; empty for interfaces without one.</summary>
    public PhysicalAddress MacAddress { get; init; } = PhysicalAddress.None;

    /// <summary>The bridge (or bond, or VRF) it belongs to; 0 if none.</summary>
    public int MasterIndex { get; init; }

    /// <summary>
    /// The interface it is tied to: for a veth its peer, as numbered in the peer's namespace; for a VLAN the interface below. 0 if none.
    /// </summary>
    public int LinkedIndex { get; init; }

    /// <summary>
    /// The namespace of <see cref="LinkedIndex"/>, as this namespace numbers it (see <see cref="RouteNetlink.FindNamespaceId"/>);
    /// <see langword="null"/> if it is this one.
    /// </summary>
    public int? LinkedNamespaceId { get; init; }

    /// <summary>Whether it can carry packets. It may follow a little after <see cref="Flags"/>.</summary>
    public NetworkOperationalState OperationalState { get; init; }

    /// <summary>The group, a number by which interfaces can be handled together; 0 (default) unless set.</summary>
    public uint Group { get; init; }

    /// <summary>The id of the XDP program that runs on it; 0 if none.</summary>
    public uint XdpProgramId { get; init; }

    /// <summary>How it sends, if its <see cref="Kind"/> is <c>vxlan</c>; else <see langword="null"/>.</summary>
    public VxlanOptions? Vxlan { get; init; }

    /// <summary>How it sees its siblings, if its <see cref="Kind"/> is <c>macvlan</c>; else <see langword="null"/>.</summary>
    public MacvlanMode? MacvlanMode { get; init; }

    /// <summary>The number of the VLAN, if its <see cref="Kind"/> is <c>vlan</c>; else <see langword="null"/>.</summary>
    public int? VlanId { get; init; }
}
