using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>Addresses that are served whole, IPv4: the longest prefix counts.</summary>
[KernelType("dp_range_key4")]
[StructLayout(LayoutKind.Sequential)]
public record struct RangeKey4
{
    /// <summary>Bits that count, the 32 of the protocol among them.</summary>
    public uint PrefixLength;

    /// <summary>The IANA protocol number.</summary>
    public uint Protocol;

    /// <summary>The first address.</summary>
    public Ip4 Address;
}
