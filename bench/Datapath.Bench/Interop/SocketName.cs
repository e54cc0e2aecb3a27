using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Datapath.Bench.Interop;

/// <summary>A <c>sockaddr_in</c> or <c>sockaddr_in6</c>, in place: an array of them is what a loop walks through.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SocketName
{
    private Bytes _bytes;

    /// <summary>How many bytes are meant.</summary>
    public uint Length;

    public readonly bool IsIPv4 => Length == 16;

    public static SocketName Of(IPAddress address, int port)
    {
        var isIPv4 = address.AddressFamily is AddressFamily.InterNetwork;
        var name = new SocketName { Length = isIPv4 ? 16u : 28u };
        Span<byte> bytes = name._bytes;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(isIPv4 ? Libc.AF_INET : Libc.AF_INET6));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)port);
        address.GetAddressBytes().CopyTo(bytes[(isIPv4 ? 4 : 8)..]);
        return name;
    }

    [InlineArray(28)]
    private struct Bytes
    {
        private byte _first;
    }
}
