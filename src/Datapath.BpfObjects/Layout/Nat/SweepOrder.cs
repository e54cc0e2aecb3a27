using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>Which flows the walk that comes next ends.</summary>
[KernelType("dp_sweep_order")]
[StructLayout(LayoutKind.Sequential)]
public struct SweepOrder
{
    /// <summary>The address, of <see cref="SweepScope.Address"/>. IPv4 is mapped.</summary>
    public Ip6 Address;

    /// <summary>Which flows.</summary>
    public SweepScope Scope;

    /// <summary>0.</summary>
    public uint Pad;

    /// <summary>How many flows walks have ended.</summary>
    public ulong Ended;
}

/// <summary>Which flows a walk ends.</summary>
[KernelType("dp_sweep_scope")]
public enum SweepScope : uint
{
    /// <summary>Those that are over.</summary>
    Over = 0,

    /// <summary>Those that are translated to an address.</summary>
    Address = 1,

    /// <summary>All.</summary>
    All = 2,
}
