using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>What a client dials, IPv4.</summary>
[KernelType("dp_frontend_key4")]
[StructLayout(LayoutKind.Sequential)]
public record struct FrontendKey4
{
    /// <summary>The address.</summary>
    public Ip4 Address;

    /// <summary>The port, in network order.</summary>
    public ushort Port;

    /// <summary>The IANA protocol number.</summary>
    public byte Protocol;

    /// <summary>0.</summary>
    public byte Pad;
}
