using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>A further set of a frontend's backends; its value is a <see cref="FrontendValue"/> with a header.</summary>
[KernelType("dp_set_key")]
[StructLayout(LayoutKind.Sequential)]
public record struct SetKey
{
    /// <summary>The frontend.</summary>
    public uint FrontendId;

    /// <summary>The number of the set, 1 to 63.</summary>
    public uint Set;

    /// <summary>The tag of the key, as the programs make it.</summary>
    public readonly ushort Tag => FrontendValue.Tag(FrontendId, (ushort)Set, 0);
}
