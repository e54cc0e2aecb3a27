using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>What a client dials, IPv6.</summary>
[KernelType("dp_frontend_key6")]
[StructLayout(LayoutKind.Sequential)]
public record struct FrontendKey6
{
    /// <summary>The address.</summary>
    public Ip6 Address;

    /// <summary>The port, in network order.</summary>
    public ushort Port;

    /// <summary>The IANA protocol number.</summary>
    public byte Protocol;

    /// <summary>0.</summary>
    public byte Pad;
}
