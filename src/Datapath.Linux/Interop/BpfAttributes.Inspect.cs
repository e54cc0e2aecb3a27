using System.Runtime.InteropServices;

namespace Datapath.Linux;

// What the kernel says of its objects, in full. An older kernel fills the start and leaves the rest 0.

/// <summary><c>struct bpf_prog_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RawProgramDetails
{
    public RawProgramInfo Start;
    public ulong RecursionMisses;
    public uint VerifiedInstructions;
    public uint AttachBtfObjectId;
    public uint AttachBtfId;
    public uint Pad;
}

/// <summary><c>struct bpf_btf_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RawBtfInfo
{
    public ulong Btf;
    public uint BtfSize;
    public uint Id;
    public ulong Name;
    public uint NameLength;
    public uint IsKernel;
}
