using System.Runtime.InteropServices;

namespace Datapath.BpfObjects.Layout;

/// <summary>What a listener wants to hear. A field that is 0 filters nothing, but for <see cref="Until"/>, <see cref="Threshold"/> and <see cref="Verdicts"/>.</summary>
[KernelType("dp_trace")]
[StructLayout(LayoutKind.Sequential)]
public struct TraceFilter
{
    /// <summary>Until when, in nanoseconds on the coarse monotonic clock.</summary>
    public ulong Until;

    /// <summary>The network namespace.</summary>
    public ulong NetnsCookie;

    /// <summary>The cgroup of the process, or one above it.</summary>
    public ulong CgroupId;

    /// <summary>The frontend.</summary>
    public uint FrontendId;

    /// <summary>A dial is told if a random 32-bit number is not above it.</summary>
    public uint Threshold;

    /// <summary>A bit for each <see cref="DialVerdict"/>.</summary>
    public byte Verdicts;

    /// <summary>The IANA protocol number.</summary>
    public byte Protocol;

    /// <summary>0.</summary>
    public PadBytes Pad;

    /// <summary>The listener, by its own PID namespace. The programs do not read it.</summary>
    public uint ListenerPid;
}
