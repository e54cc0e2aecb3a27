using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>A backend that did not take a connection.</summary>
[KernelType("dp_failed_key")]
[StructLayout(LayoutKind.Sequential)]
public record struct FailedKey
{
    /// <summary>The backend's address; IPv4 as ::ffff:a.b.c.d.</summary>
    public Ip6 Address;

    /// <summary>The backend's port, in network order.</summary>
    public ushort Port;

    /// <summary>0.</summary>
    public ushort Pad;
}
