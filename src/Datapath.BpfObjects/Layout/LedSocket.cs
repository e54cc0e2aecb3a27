using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>Where a frontend led a socket that is still connected there.</summary>
[KernelType("dp_led")]
[StructLayout(LayoutKind.Sequential)]
public record struct LedSocket
{
    /// <summary>The backend's address; an IPv4 address as <c>::ffff:a.b.c.d</c>.</summary>
    public Ip6 BackendAddress;

    /// <summary>The backend's port, in network order.</summary>
    public ushort BackendPort;

    /// <summary>0.</summary>
    public ushort Pad;

    /// <summary>The frontend.</summary>
    public uint FrontendId;
}
