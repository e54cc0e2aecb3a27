using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>How many packets of a reason a processor has told a listener.</summary>
[KernelType("dp_nat_pace")]
[StructLayout(LayoutKind.Sequential)]
public struct NatPace
{
    /// <summary>When the second began, in nanoseconds on the monotonic clock.</summary>
    public ulong Since;

    /// <summary>Those that were told in it.</summary>
    public uint Told;

    /// <summary>Those that were not, since the last that was.</summary>
    public uint HeldBack;
}
