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

    /// <summary>The process that manages it.</summary>
    public uint OwnerPid;

    /// <summary>The cookie of the network namespace.</summary>
    public ulong Network;

    /// <summary>No flow begins before this, ns on the coarse monotonic clock.</summary>
    public ulong NoNewFlowsBefore;

    /// <summary>Whether programs may be using the tables of flows that are to take the place of those before: 0 or 1.</summary>
    public uint IsMoving;

    /// <summary>What listeners ask for: <see cref="NatListening.ListenerBits"/> for each.</summary>
    public uint Hears;
}

/// <summary>The version of the layouts of egress NAT.</summary>
[KernelType("dp_nat_layout")]
public enum NatLayoutVersion
{
    /// <summary>The version of this package.</summary>
    Version = 2,
}
