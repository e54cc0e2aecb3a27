using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>Of a backend that a frontend has not for all clients any more: who is right to be there.</summary>
[KernelType("dp_staying")]
[StructLayout(LayoutKind.Sequential)]
public record struct StayingSets
{
    /// <summary>The sets that still lead there, a bit for each.</summary>
    public ulong Sets;
}
