using System.Runtime.InteropServices;

namespace Datapath.Linux;

// The parts of union bpf_attr, one struct a command, padding explicit. The kernel takes a shorter struct than its own and reads the rest as 0.

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MapCreateAttr
{
    public uint MapType;
    public uint KeySize;
    public uint ValueSize;
    public uint MaxEntries;
    public uint MapFlags;
    public uint InnerMapFd;
    public uint NumaNode;
    public fixed byte Name[16];
    public uint IfIndex;
    public uint BtfFd;
    public uint BtfKeyTypeId;
    public uint BtfValueTypeId;
    public uint BtfVmlinuxValueTypeId;
    public ulong MapExtra;
}

[StructLayout(LayoutKind.Sequential)]
internal struct MapElementAttr
{
    public uint MapFd;
    public uint Pad;
    public ulong Key;
    public ulong ValueOrNextKey;
    public ulong Flags;
}

[StructLayout(LayoutKind.Sequential)]
internal struct MapBatchAttr
{
    public ulong InBatch;
    public ulong OutBatch;
    public ulong Keys;
    public ulong Values;
    public uint Count;
    public uint MapFd;
    public ulong ElementFlags;
    public ulong Flags;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ProgLoadAttr
{
    public uint ProgType;
    public uint InstructionCount;
    public ulong Instructions;
    public ulong License;
    public uint LogLevel;
    public uint LogSize;
    public ulong LogBuffer;
    public uint KernelVersion;
    public uint ProgFlags;
    public fixed byte Name[16];
    public uint IfIndex;
    public uint ExpectedAttachType;
    public uint BtfFd;
    public uint FuncInfoRecordSize;
    public ulong FuncInfo;
    public uint FuncInfoCount;
    public uint LineInfoRecordSize;
    public ulong LineInfo;
    public uint LineInfoCount;
    public uint AttachBtfId;
    public uint AttachProgFd;
    public uint Pad;
    public ulong FdArray;
}

[StructLayout(LayoutKind.Sequential)]
internal struct BtfLoadAttr
{
    public ulong Btf;
    public ulong LogBuffer;
    public uint BtfSize;
    public uint LogSize;
    public uint LogLevel;
    public uint Pad;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ObjAttr
{
    public ulong Path;
    public uint BpfFd;
    public uint FileFlags;
}

[StructLayout(LayoutKind.Sequential)]
internal struct InfoAttr
{
    public uint BpfFd;
    public uint InfoLength;
    public ulong Info;
}

[StructLayout(LayoutKind.Sequential)]
internal struct GetByIdAttr
{
    public uint Id;
    public uint NextId;
    public uint OpenFlags;
    public uint Pad;
}

[StructLayout(LayoutKind.Sequential)]
internal struct MapFreezeAttr
{
    public uint MapFd;
    public uint Pad;
}

[StructLayout(LayoutKind.Sequential)]
internal struct LinkUpdateAttr
{
    public uint LinkFd;
    public uint NewProgFd;
    public uint Flags;
    public uint OldProgFd;
}

[StructLayout(LayoutKind.Sequential)]
internal struct LinkDetachAttr
{
    public uint LinkFd;
    public uint Pad;
}

[StructLayout(LayoutKind.Sequential)]
internal struct EnableStatsAttr
{
    public uint Type;
    public uint Pad;
}

/// <summary>The start of <c>struct bpf_map_info</c>, as far as it is in use. An older kernel fills the start and leaves the rest 0.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RawMapInfo
{
    public uint Type;
    public uint Id;
    public uint KeySize;
    public uint ValueSize;
    public uint MaxEntries;
    public uint MapFlags;
    public fixed byte Name[16];
    public uint IfIndex;
    public uint BtfVmlinuxValueTypeId;
    public ulong NetnsDev;
    public ulong NetnsIno;
    public uint BtfId;
    public uint BtfKeyTypeId;
    public uint BtfValueTypeId;
    public uint BtfVmlinuxId;
    public ulong MapExtra;
}

/// <summary>The start of <c>struct bpf_prog_info</c>, as far as it is in use.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RawProgramInfo
{
    public uint Type;
    public uint Id;
    public ulong Tag;
    public uint JitedLength;
    public uint XlatedLength;
    public ulong JitedInstructions;
    public ulong XlatedInstructions;
    public ulong LoadTime;
    public uint CreatedByUid;
    public uint MapCount;
    public ulong MapIds;
    public fixed byte Name[16];
    public uint IfIndex;
    public uint GplCompatible;
    public ulong NetnsDev;
    public ulong NetnsIno;
    public uint JitedSymbolCount;
    public uint JitedFuncCount;
    public ulong JitedSymbols;
    public ulong JitedFuncLengths;
    public uint BtfId;
    public uint FuncInfoRecordSize;
    public ulong FuncInfo;
    public uint FuncInfoCount;
    public uint LineInfoCount;
    public ulong LineInfo;
    public ulong JitedLineInfo;
    public uint JitedLineInfoCount;
    public uint LineInfoRecordSize;
    public uint JitedLineInfoRecordSize;
    public uint TagCount;
    public ulong Tags;
    public ulong RunTimeNanoseconds;
    public ulong RunCount;
}
