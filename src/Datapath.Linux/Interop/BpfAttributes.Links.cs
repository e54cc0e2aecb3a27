using System.Runtime.InteropServices;

namespace Datapath.Linux;

// Attaching, replacing, asking and walking.

/// <summary>
/// BPF_LINK_CREATE. What follows the flags is a union; the parts of it that overlap have fields of their own. A kernel that knows a shorter
/// struct takes this one as long as the rest is 0.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct LinkCreateAttr
{
    [FieldOffset(0)]
    public uint ProgFd;
    [FieldOffset(4)]
    public uint TargetFd; // or the number of an interface
    [FieldOffset(8)]
    public uint AttachType;
    [FieldOffset(12)]
    public uint Flags;
    [FieldOffset(16)]
    public ulong IterInfo;
    [FieldOffset(24)]
    public uint IterInfoLength;
    [FieldOffset(16)]
    public uint RelativeFd; // tcx, netkit
    [FieldOffset(24)]
    public ulong ExpectedRevision;
    [FieldOffset(16)]
    public ulong Cookie; // perf events
    [FieldOffset(16)]
    public uint NetfilterFamily;
    [FieldOffset(20)]
    public uint NetfilterHook;
    [FieldOffset(24)]
    public int NetfilterPriority;
    [FieldOffset(28)]
    public uint NetfilterFlags;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ProgQueryAttr
{
    public uint TargetFd; // or the number of an interface
    public uint AttachType;
    public uint QueryFlags;
    public uint AttachFlags;
    public ulong ProgIds;
    public uint ProgCount;
    public uint Pad;
    public ulong ProgAttachFlags;
    public ulong LinkIds;
    public ulong LinkAttachFlags;
    public ulong Revision;
}

[StructLayout(LayoutKind.Sequential)]
internal struct IterCreateAttr
{
    public uint LinkFd;
    public uint Flags;
}

/// <summary><c>union bpf_iter_link_info</c>: what a walk is limited to.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct IterLinkInfo
{
    [FieldOffset(0)]
    public uint MapFd;
    [FieldOffset(0)]
    public uint ThreadId;
    [FieldOffset(4)]
    public uint ProcessId;
    [FieldOffset(0)]
    public uint CgroupOrder;
    [FieldOffset(4)]
    public uint CgroupFd;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ProgTestRunAttr
{
    public uint ProgFd;
    public uint ReturnValue;
    public uint DataSizeIn;
    public uint DataSizeOut;
    public ulong DataIn;
    public ulong DataOut;
    public uint Repeat;
    public uint Duration;
    public uint ContextSizeIn;
    public uint ContextSizeOut;
    public ulong ContextIn;
    public ulong ContextOut;
    public uint Flags;
    public uint Cpu;
    public uint BatchSize;
    public uint Pad;
}

/// <summary>The start of <c>struct bpf_link_info</c>; what follows the program's id is a union by the kind of the link.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct RawLinkInfo
{
    // enum bpf_perf_event_type
    public const uint PerfTracepoint = 5;
    public const uint PerfCounter = 6;

    /// <summary>Where the address of a name stands, its length right behind it: raw tracepoints and iterators, perf events.</summary>
    public const int NameOffset = 16;
    public const int PerfNameOffset = 24;

    [FieldOffset(0)]
    public uint Type;
    [FieldOffset(4)]
    public uint Id;
    [FieldOffset(8)]
    public uint ProgId;
    [FieldOffset(16)]
    public ulong CgroupId;
    [FieldOffset(24)]
    public uint CgroupAttachType;
    [FieldOffset(16)]
    public uint InterfaceIndex; // tcx, netkit, XDP
    [FieldOffset(20)]
    public uint TcxAttachType; // also of netkit
    [FieldOffset(16)]
    public uint NetfilterFamily;
    [FieldOffset(20)]
    public uint NetfilterHook;
    [FieldOffset(24)]
    public int NetfilterPriority;
    [FieldOffset(28)]
    public uint NetfilterFlags;
    [FieldOffset(16)]
    public uint NamespaceInode;
    [FieldOffset(20)]
    public uint NamespaceAttachType;
    [FieldOffset(16)]
    public uint PerfEventKind;
    [FieldOffset(24)]
    public ulong PerfConfig; // of counters
    [FieldOffset(32)]
    public uint PerfType;
    [FieldOffset(28)]
    public uint IterMapId;
    [FieldOffset(32)]
    public uint IterThreadId;
    [FieldOffset(36)]
    public uint IterProcessId;
    [FieldOffset(32)]
    public ulong IterCgroupId;
}
