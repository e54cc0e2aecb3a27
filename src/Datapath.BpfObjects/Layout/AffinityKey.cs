using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>A client that stays with a backend.</summary>
[KernelType("dp_affinity_key")]
[StructLayout(LayoutKind.Sequential)]
public record struct AffinityKey
{
    /// <summary>The cookie of a network namespace, or the id of a cgroup with <see cref="ClientKey.CgroupBit"/>.</summary>
    public ulong Client;

    /// <summary>The frontend.</summary>
    public uint FrontendId;

    /// <summary>0.</summary>
    public uint Pad;
}
