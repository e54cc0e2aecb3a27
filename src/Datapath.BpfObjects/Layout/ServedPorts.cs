using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>Ports that are served alike.</summary>
[KernelType("dp_port_range")]
[StructLayout(LayoutKind.Sequential)]
public record struct ServedPorts
{
    /// <summary>The word of their backends, as in <see cref="FrontendValue"/>.</summary>
    public ulong Range;

    /// <summary>The first port, in the machine's byte order; 0: there are no more.</summary>
    public ushort First;

    /// <summary>The last port.</summary>
    public ushort Last;

    /// <summary>0.</summary>
    public uint Pad;

    /// <summary>The tag of the word, as the programs make it.</summary>
    public readonly ushort Tag => FrontendValue.Tag(First, Last, 0);
}

/// <summary>The ports of a prefix that are served, which do not overlap.</summary>
[KernelType("dp_range")]
[StructLayout(LayoutKind.Sequential)]
public struct RangeValue
{
    /// <summary>The ports; the first with <see cref="ServedPorts.First"/> 0 ends them.</summary>
    public ServedPortList Ports;
}

/// <summary>As many ranges of ports as a prefix may have.</summary>
[InlineArray((int)RangeLimits.Ports)]
public struct ServedPortList
{
    private ServedPorts _first;
}

/// <summary>Limits of ranges.</summary>
[KernelType("dp_range_limits")]
public enum RangeLimits
{
    /// <summary>Ranges of ports of a prefix.</summary>
    Ports = 16,
}
