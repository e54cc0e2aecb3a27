using System.Net;
using System.Runtime.InteropServices;

namespace Datapath.EbpfCounter;

/// <summary><c>struct destination</c> of counter.bpf.c, field by field. Address and port are in network order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct Destination
{
    public uint Address;
    public ushort Port;
    public byte Protocol;
    public byte Pad;

    public override readonly string ToString() =>
        $"{(Protocol == 6 ? "tcp" : "udp")} {new IPAddress(Address)}:{(ushort)IPAddress.NetworkToHostOrder((short)Port)}";
}
