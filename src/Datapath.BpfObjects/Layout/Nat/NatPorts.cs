using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>Ports that no translated flow gets.</summary>
[KernelType("dp_nat_ports")]
[StructLayout(LayoutKind.Sequential)]
public struct NatPorts
{
    /// <summary>A bit for each port.</summary>
    public NatPortBits Taken;
}

/// <summary>A bit for each port.</summary>
[InlineArray((int)NatLimits.PortWords)]
public struct NatPortBits
{
    private ulong _first;
}
