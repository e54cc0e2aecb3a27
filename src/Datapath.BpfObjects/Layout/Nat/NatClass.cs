using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>The class of a source or a destination.</summary>
[KernelType("dp_nat_class")]
[StructLayout(LayoutKind.Sequential)]
public record struct NatClass
{
    /// <summary>Its number, 0 to 255.</summary>
    public uint Number;
}
