using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>A device by which packets come in, whose class they have if they have none by their address.</summary>
[KernelType("dp_nat_interface_key")]
[StructLayout(LayoutKind.Sequential)]
public record struct NatInterfaceKey
{
    /// <summary>The rules that it belongs to.</summary>
    public uint Generation;

    /// <summary>The device's index.</summary>
    public uint Index;
}
