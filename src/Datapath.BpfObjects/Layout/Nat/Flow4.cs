using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>What a packet of a flow is given in the place of its source or, in the incoming entry, of its destination, IPv4.</summary>
[KernelType("dp_flow4")]
[StructLayout(LayoutKind.Sequential)]
public record struct Flow4
{
    /// <summary>The address.</summary>
    public Ip4 Address;

    /// <summary>The port, in network order.</summary>
    public ushort Port;

    /// <summary>What packets in this direction were.</summary>
    public FlowSeen Seen;

    /// <summary>0.</summary>
    public byte Pad;

    /// <summary>
    /// Of TCP, the peer's next sequence number, in the machine's byte order: in the outgoing entry as the source acknowledged it last, in the incoming one as it
    /// follows from what the peer sent in order. Before the source has acknowledged anything, the outgoing entry has the end of its first packet.
    /// </summary>
    public uint Next;

    /// <summary>0.</summary>
    public uint Pad2;

    /// <summary>When the flow began, ns on the coarse monotonic clock.</summary>
    public ulong MadeAt;

    /// <summary>
    /// When a packet in this direction came last, ns on the coarse monotonic clock, or up to 0.7 s later than it says. Its lowest 24 bits are a count of ticks, not time.
    /// </summary>
    public ulong UsedAt;
}
