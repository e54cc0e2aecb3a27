using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>The backend that a client stays with.</summary>
[KernelType("dp_affinity")]
[StructLayout(LayoutKind.Sequential)]
public record struct AffinityValue
{
    /// <summary>When it was last used, within a twentieth of a second: nanoseconds on the coarse monotonic clock.</summary>
    public ulong UsedAt;

    /// <summary>The backend.</summary>
    public uint BackendId;

    /// <summary>Where it was.</summary>
    public uint Slot;
}
