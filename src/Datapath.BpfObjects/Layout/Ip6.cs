using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>An IPv6 address: its bytes in memory are in network order. Aligned to 4 bytes, as the kernel side is.</summary>
[KernelType("dp_ip6")]
[StructLayout(LayoutKind.Sequential)]
public record struct Ip6
{
    /// <summary>Bytes 0 to 3.</summary>
    public uint Word0;

    /// <summary>Bytes 4 to 7.</summary>
    public uint Word1;

    /// <summary>Bytes 8 to 11.</summary>
    public uint Word2;

    /// <summary>Bytes 12 to 15.</summary>
    public uint Word3;
}
