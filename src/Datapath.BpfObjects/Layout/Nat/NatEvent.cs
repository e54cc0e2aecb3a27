using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>What a listener is told of egress NAT. IPv4 addresses are mapped. Of packets the ends are those of the packet, in its direction.</summary>
[KernelType("dp_nat_event")]
[StructLayout(LayoutKind.Sequential)]
public record struct NatEvent
{
    /// <summary>Nanoseconds on the monotonic clock.</summary>
    public ulong Time;

    /// <summary>When the flow began, ns on the coarse monotonic clock; this and the next are 0 of a packet.</summary>
    public ulong MadeAt;

    /// <summary>When a packet of the flow came last, or up to 0.7 s later than it says.</summary>
    public ulong UsedAt;

    /// <summary>Where packets come from.</summary>
    public Ip6 Source;

    /// <summary>Where they go.</summary>
    public Ip6 Destination;

    /// <summary>What the flow's packets leave with; 0 of a packet.</summary>
    public Ip6 Translated;

    /// <summary>In network order.</summary>
    public ushort SourcePort;

    /// <summary>In network order.</summary>
    public ushort DestinationPort;

    /// <summary>In network order; 0 of a packet.</summary>
    public ushort TranslatedPort;

    /// <summary>What happened.</summary>
    public NatEventKind Kind;

    /// <summary>
    /// Why: a <see cref="NatCounter"/> of a packet, a <see cref="NatEnd"/> of a flow that ended; of one that begins 0, or <see cref="NatCounter.MappedByPeer"/>.
    /// </summary>
    public byte Reason;

    /// <summary>The IANA protocol number.</summary>
    public byte Protocol;

    /// <summary>Whether the packet leaves.</summary>
    public FlowDirection Direction;

    /// <summary>4 or 6.</summary>
    public ushort Family;

    /// <summary>The index of the device; 0 of a flow that ended.</summary>
    public uint Device;

    /// <summary>Packets of the same reason on the same processor that were not told since the last that was.</summary>
    public uint HeldBack;

    /// <summary>0.</summary>
    public uint Pad;
}
