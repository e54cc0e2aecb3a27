using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>Addresses whose packets are of one class, IPv6: the longest prefix of the generation in force counts.</summary>
[KernelType("dp_nat_prefix6")]
[StructLayout(LayoutKind.Sequential)]
public record struct NatPrefix6
{
    /// <summary>Bits that count, the 32 of the generation among them.</summary>
    public uint PrefixLength;

    /// <summary>The rules that it belongs to, in the machine's byte order.</summary>
    public uint Generation;

    /// <summary>The first address.</summary>
    public Ip6 Address;
}
