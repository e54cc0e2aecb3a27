using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>A flow that is left alone to its end, whatever becomes of the rules. Its key is an outgoing one.</summary>
[KernelType("dp_kept")]
[StructLayout(LayoutKind.Sequential)]
public record struct NatKept
{
    /// <summary>In <see cref="UsedAt"/>: something has left by the flow since it was noted.</summary>
    public const ulong Answered = 1;

    /// <summary>When a packet came last, ns on the coarse monotonic clock, but for the last bit, which is <see cref="Answered"/>.</summary>
    public ulong UsedAt;
}
