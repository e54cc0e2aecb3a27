using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>A device whose packets are translated.</summary>
[KernelType("dp_nat_device")]
[StructLayout(LayoutKind.Sequential)]
public record struct NatDevice
{
    /// <summary>Bytes before the IP header: 14 on Ethernet, 0 on tunnels without one.</summary>
    public uint LinkHeader;

    /// <summary>0.</summary>
    public uint Pad;

    /// <summary>Its address; 0: it has none.</summary>
    public Ip4 Address4;

    /// <summary>Its IPv6 address; 0: it has none.</summary>
    public Ip6 Address6;
}
