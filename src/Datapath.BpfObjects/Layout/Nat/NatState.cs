using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>What egress NAT is to do, read with each packet.</summary>
[KernelType("dp_nat_state")]
[StructLayout(LayoutKind.Sequential)]
public record struct NatState
{
    /// <summary>The version of the layout.</summary>
    public uint LayoutVersion;

    /// <summary>The rules in force: they change by this number.</summary>
    public uint Generation;

    /// <summary>The first port that flows are given, in the machine's byte order.</summary>
    public ushort FirstPort;

    /// <summary>The last.</summary>
    public ushort LastPort;

    /// <summary>0.</summary>
    public uint Pad;
}
