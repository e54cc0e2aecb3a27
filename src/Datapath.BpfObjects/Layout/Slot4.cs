using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>One place of a frontend's range, IPv4.</summary>
[KernelType("dp_slot4")]
[StructLayout(LayoutKind.Sequential)]
public record struct Slot4
{
    /// <summary>The backend's address.</summary>
    public Ip4 Address;

    /// <summary>The backend's port, in network order; 0 if the frontend has no backend.</summary>
    public ushort Port;

    /// <summary>The kind of the frontend.</summary>
    public byte Type;

    /// <summary>Of a header <see cref="HeaderFlags"/>; else 0.</summary>
    public byte Flags;

    /// <summary>The frontend.</summary>
    public uint FrontendId;

    /// <summary>The backend; 0 if there is none.</summary>
    public uint BackendId;
}
