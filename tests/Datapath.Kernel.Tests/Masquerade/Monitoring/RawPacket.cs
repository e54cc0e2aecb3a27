using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Sends packets with headers of its own making.</summary>
internal static class RawPacket
{
    public const int Udp = 17;
    public const int Tcp = 6;
    public const int Gre = 47;

    /// <summary>Sends a packet of a protocol whose header, if it has one, begins with the ports.</summary>
    public static void Send(NetworkNamespace network, FlowEnd source, FlowEnd destination, int protocol, byte tcpFlags = 0) =>
        Send(network, source.Address, destination.Address, protocol, Segment(source.Port, destination.Port, tcpFlags), isLaterFragment: false);

    /// <summary>Sends the later of two fragments of a datagram of UDP, alone.</summary>
    public static void SendLaterFragment(NetworkNamespace network, IPAddress source, IPAddress destination) =>
        Send(network, source, destination, Udp, new byte[64], isLaterFragment: true);

    private static byte[] Segment(ushort source, ushort destination, byte tcpFlags)
    {
        var segment = new byte[32];
        BinaryPrimitives.WriteUInt16BigEndian(segment, source);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), destination);
        segment[12] = 5 << 4;
        segment[13] = tcpFlags;
        return segment;
    }

    /// <summary>Sends a packet with a content of a protocol, or such a part of a datagram.</summary>
    public static void Send(NetworkNamespace network, IPAddress source, IPAddress destination, int protocol, byte[] content, bool isLaterFragment)
    {
        var packet = source.AddressFamily is AddressFamily.InterNetwork
            ? Packet4(source, destination, protocol, content, isLaterFragment)
            : Packet6(source, destination, protocol, content, isLaterFragment);
        using var socket = network.Run(() => new Socket(source.AddressFamily, SocketType.Raw, ProtocolType.Raw));
        if (source.AddressFamily is AddressFamily.InterNetwork)
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        Assert.That(socket.SendTo(packet, new IPEndPoint(destination, 0)), Is.EqualTo(packet.Length));
    }

    private static byte[] Packet4(IPAddress source, IPAddress destination, int protocol, byte[] content, bool isLaterFragment)
    {
        var packet = new byte[20 + content.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), 4711);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), isLaterFragment ? (ushort)185 : (ushort)0); // from byte 1480 on
        packet[8] = 64;
        packet[9] = (byte)protocol;
        source.GetAddressBytes().CopyTo(packet, 12);
        destination.GetAddressBytes().CopyTo(packet, 16);
        content.CopyTo(packet, 20);
        return packet;
    }

    private static byte[] Packet6(IPAddress source, IPAddress destination, int protocol, byte[] content, bool isLaterFragment)
    {
        const int Fragment = 44;
        var headers = isLaterFragment ? 48 : 40;
        var packet = new byte[headers + content.Length];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - 40));
        packet[6] = (byte)(isLaterFragment ? Fragment : protocol);
        packet[7] = 64;
        source.GetAddressBytes().CopyTo(packet, 8);
        destination.GetAddressBytes().CopyTo(packet, 24);
        if (isLaterFragment)
        {
            packet[40] = (byte)protocol;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(42), 185 << 3);
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(44), 4711);
        }

        content.CopyTo(packet, headers);
        return packet;
    }
}
