using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>A flow as its packets are found, IPv6. An identifier of ICMP stands in both ports.</summary>
[KernelType("dp_flow_key6")]
[StructLayout(LayoutKind.Sequential)]
public record struct FlowKey6
{
    /// <summary>Where the packet comes from.</summary>
    public Ip6 Source;

    /// <summary>Where it goes.</summary>
    public Ip6 Destination;

    /// <summary>The source's port, in network order.</summary>
    public ushort SourcePort;

    /// <summary>The destination's port, in network order.</summary>
    public ushort DestinationPort;

    /// <summary>The IANA protocol number.</summary>
    public byte Protocol;

    /// <summary>Whether the packet leaves, before its translation, or comes from outside.</summary>
    public FlowDirection Direction;

    /// <summary>0.</summary>
    public ushort Pad;
}
