using System.Runtime.InteropServices;

namespace Datapath.Linux;

/// <summary>linux/neighbour.h: who is reached by which hardware address.</summary>
internal static class RtnlNeighbours
{
    internal const ushort RTM_NEWNEIGH = 28;
    internal const ushort RTM_DELNEIGH = 29;
    internal const ushort RTM_GETNEIGH = 30;

    internal const byte AF_BRIDGE = 7;

    internal const ushort NDA_DST = 1;
    internal const ushort NDA_LLADDR = 2;
    internal const ushort NDA_VLAN = 5;
    internal const ushort NDA_PORT = 6;
    internal const ushort NDA_VNI = 7;
    internal const ushort NDA_MASTER = 9;

    internal const byte NTF_SELF = 0x02;
    internal const byte NTF_MASTER = 0x04;
    internal const byte NTF_PROXY = 0x08;
    internal const byte NTF_EXT_LEARNED = 0x10;
    internal const byte NTF_ROUTER = 0x80;
}

/// <summary>struct ndmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NdMsg
{
    public byte Family;
    public byte Pad1;
    public ushort Pad2;
    public int Index;
    public ushort State;
    public byte Flags;
    public byte Type;
}
