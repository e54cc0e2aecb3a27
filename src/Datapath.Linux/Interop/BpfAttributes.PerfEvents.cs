using System.Runtime.InteropServices;

namespace Datapath.Linux;

/// <summary><c>struct perf_event_attr</c> in its first version: nothing that came later is in use.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PerfEventAttr
{
    /// <summary>PERF_ATTR_SIZE_VER0.</summary>
    public const uint FirstSize = 64;

    /// <summary>PERF_TYPE_*.</summary>
    public uint Type;
    public uint Size;
    public ulong Config;
    public ulong PeriodOrFrequency;
    public ulong SampleType;
    public ulong ReadFormat;
    public ulong Bits;
    public uint WakeupEvents;
    public uint BreakpointType;
    public ulong Config1;
}

/// <summary>BPF_RAW_TRACEPOINT_OPEN.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RawTracepointOpenAttr
{
    public ulong Name;
    public uint ProgFd;
    public uint Pad;
    public ulong Cookie;
}
