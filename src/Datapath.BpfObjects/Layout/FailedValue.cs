using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>When a backend did not take a connection.</summary>
[KernelType("dp_failed")]
[StructLayout(LayoutKind.Sequential)]
public record struct FailedValue
{
    /// <summary>The last time: nanoseconds on the coarse monotonic clock.</summary>
    public ulong At;
}
