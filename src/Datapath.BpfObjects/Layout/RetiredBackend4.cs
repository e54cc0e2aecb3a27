using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>A backend that a frontend has no more, IPv4: sockets that the frontend led there are stale.</summary>
[KernelType("dp_retired4")]
[StructLayout(LayoutKind.Sequential)]
public record struct RetiredBackend4
{
    /// <summary>The backend's address.</summary>
    public Ip4 BackendAddress;

    /// <summary>The backend's port, in network order.</summary>
    public ushort BackendPort;

    /// <summary>0.</summary>
    public ushort Pad;

    /// <summary>The frontend.</summary>
    public uint FrontendId;
}
