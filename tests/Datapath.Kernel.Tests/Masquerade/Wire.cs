using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Takes down the packets that come in to a network namespace, as they were on the wire.</summary>
internal sealed class Wire : IDisposable
{
    private const int AllProtocols = 0x0300; // ETH_P_ALL in network order
    private const int EthernetHeader = 14;
    private readonly Socket _socket;

    public Wire(NetworkNamespace network) =>
        _socket = network.Run(static () => new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)AllProtocols) { ReceiveTimeout = 5000, ReceiveBufferSize = 16 << 20 });

    /// <summary>The next packets of IP from an address, each with its checksums looked at, until enough of them have come.</summary>
    public IEnumerable<WirePacket> Take(IPAddress source, int count)
    {
        var buffer = new byte[1 << 16];
        while (count > 0)
        {
            var length = _socket.Receive(buffer);
            if (WirePacket.Read(buffer.AsSpan(EthernetHeader, length - EthernetHeader)) is { } packet && packet.Source.Equals(source))
            {
                count--;
                yield return packet;
            }
        }
    }

    public void Dispose() => _socket.Dispose();
}

/// <summary>A packet of TCP or UDP.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Protocol">Its protocol.</param>
/// <param name="Length">Its length with the IP header.</param>
/// <param name="Checksum">Its checksum, as it stands there.</param>
/// <param name="IsRight">Whether that, and the one of an IPv4 header, are right.</param>
internal sealed record WirePacket(IPAddress Source, ProtocolType Protocol, int Length, ushort Checksum, bool IsRight)
{
    /// <summary>Of TCP.</summary>
    public TcpFlags Flags { get; init; }

    public static WirePacket? Read(ReadOnlySpan<byte> bytes)
    {
        var isIPv4 = bytes[0] >> 4 == 4;
        if (!isIPv4 && bytes[0] >> 4 != 6)
            return null;
        var header = isIPv4 ? (bytes[0] & 15) * 4 : 40;
        var length = isIPv4 ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) : 40 + BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        var protocol = (ProtocolType)bytes[isIPv4 ? 9 : 6];
        if (protocol is not (ProtocolType.Tcp or ProtocolType.Udp) || length > bytes.Length)
            return null;
        var addresses = isIPv4 ? bytes.Slice(12, 8) : bytes.Slice(8, 32);
        var transport = bytes[header..length];
        var checksum = BinaryPrimitives.ReadUInt16BigEndian(transport[(protocol is ProtocolType.Tcp ? 16 : 6)..]);
        var sum = Sum(addresses, Sum(transport, (uint)protocol + (uint)transport.Length));
        var isRight = (checksum == 0 && protocol is ProtocolType.Udp && isIPv4) || sum == 0xffff;
        return new(new(addresses[..(addresses.Length / 2)]), protocol, length, checksum, isRight && (!isIPv4 || Sum(bytes[..header], 0) == 0xffff))
        {
            Flags = protocol is ProtocolType.Tcp ? (TcpFlags)transport[13] : TcpFlags.None,
        };
    }

    public static uint Sum(ReadOnlySpan<byte> bytes, uint sum)
    {
        for (; bytes.Length > 1; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length == 1)
            sum += (uint)bytes[0] << 8;
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return sum;
    }
}
