using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>An IPv4 address: its bytes in memory are in network order.</summary>
[KernelType("dp_ip4")]
[StructLayout(LayoutKind.Sequential)]
public record struct Ip4
{
    /// <summary>The four bytes.</summary>
    public uint Word;
}
