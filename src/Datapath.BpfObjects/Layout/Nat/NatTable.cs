using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>What becomes of packets by their two classes.</summary>
[KernelType("dp_nat_table")]
[StructLayout(LayoutKind.Sequential)]
public struct NatTable
{
    /// <summary>For each source class and, in it, each destination class: 0 leaves the packet alone, another number is one more than that of a choice of addresses.</summary>
    public NatCells Cells;

    /// <summary>A bit for each source class that has such a number.</summary>
    public NatSources Translated;

    /// <summary>The source class of what the machine itself sends.</summary>
    public uint HostClass;

    /// <summary>The source class of what came in and has no other, and perhaps <see cref="NatLimits.ByOrigin"/>.</summary>
    public uint ForwardedClass;
}

/// <summary>The cells of a table: <c>[source class * 256 + destination class]</c>.</summary>
[InlineArray((int)NatLimits.Classes * (int)NatLimits.Classes)]
public struct NatCells
{
    private byte _first;
}

/// <summary>A bit for each source class.</summary>
[InlineArray((int)NatLimits.Classes / 64)]
public struct NatSources
{
    private ulong _first;
}
