using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>Addresses that are served whole, IPv6: the longest prefix counts.</summary>
[KernelType("dp_range_key6")]
[StructLayout(LayoutKind.Sequential)]
public record struct RangeKey6
{
    /// <summary>Bits that count, the 32 of the protocol among them.</summary>
    public uint PrefixLength;

    /// <summary>The IANA protocol number.</summary>
    public uint Protocol;

    /// <summary>The first address.</summary>
    public Ip6 Address;
}
