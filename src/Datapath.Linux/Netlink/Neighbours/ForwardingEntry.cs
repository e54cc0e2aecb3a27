using System.Net;
using System.Net.NetworkInformation;

namespace Datapath.Linux.Netlink;

/// <summary>Where frames to a hardware address go: through which port of a bridge, or to which machine by a VXLAN interface.</summary>
/// <param name="InterfaceIndex">The port of the bridge, or the VXLAN interface.</param>
/// <param name="MacAddress">The hardware address. All zeros on a VXLAN interface: whatever no other entry knows.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record ForwardingEntry(int InterfaceIndex, PhysicalAddress MacAddress)
{
    /// <summary>The machine to which a VXLAN interface sends; <see langword="null"/> (the default) on other interfaces.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>The UDP port of that machine; 0 (the default) for the interface's.</summary>
    public int RemotePort { get; init; }

    /// <summary>The virtual network to send in; <see langword="null"/> (the default) for the interface's.</summary>
    public int? RemoteNetworkId { get; init; }

    /// <summary>The VLAN of a bridge for which it holds; 0 (the default) for all.</summary>
    public int VlanId { get; init; }

    /// <summary>
    /// Whether it is in the table of the bridge to which <see cref="InterfaceIndex"/> belongs, and not in the interface's own. The default is
    /// <see langword="false"/>, as entries with a <see cref="Remote"/> need it.
    /// </summary>
    public bool IsOfBridge { get; init; }

    /// <summary>The bridge, where listed; 0 if the entry is in the interface's own table.</summary>
    public int BridgeIndex { get; init; }

    /// <summary>
    /// The state. The default, for one that is added, is <see cref="NeighbourStates.Permanent"/>: never forgotten, and on a bridge frames to it are
    /// taken by this machine; <see cref="NeighbourStates.NoArp"/> is for what is behind a port; learnt ones are <see cref="NeighbourStates.Reachable"/>.
    /// </summary>
    public NeighbourStates State { get; init; } = NeighbourStates.Permanent;

    /// <summary>Whether a program learnt it, so that the kernel does not forget it. The default is <see langword="false"/>.</summary>
    public bool IsExternallyLearned { get; init; }
}
