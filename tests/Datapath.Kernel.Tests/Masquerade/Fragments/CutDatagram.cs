using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade.Fragments;

/// <summary>A datagram of UDP, or an echo, in fragments, each of which is sent when and whence a test wants.</summary>
internal sealed class CutDatagram
{
    private const int UdpHeader = 8;
    private const byte Icmp = 1;
    private const byte IcmpV6 = 58;
    private const byte Udp = 17;
    private const byte FragmentHeader = 44;
    private const byte DestinationOptions = 60;

    /// <summary>Cuts random bytes.</summary>
    /// <param name="source">Whom it is from.</param>
    /// <param name="destination">Whom it is for.</param>
    /// <param name="number">What its fragments have in common; of IPv4 not 0, in whose place the kernel would put another.</param>
    /// <param name="length">Bytes of the datagram, without its header.</param>
    /// <param name="piece">Bytes of a fragment, a multiple of 8.</param>
    /// <param name="hasOptions">Whether options stand before the datagram, so that only the first fragment tells its protocol. IPv6 alone has such.</param>
    public CutDatagram(IPEndPoint source, IPEndPoint destination, uint number, int length = 2000, int piece = 800, bool hasOptions = false)
    {
        (Content, Destination) = (RandomBytes(length), destination.Address);
        var datagram = Datagram(source, destination, Content);
        Fragments = hasOptions
            ? Cut(source.Address, Destination, number, DestinationOptions, [Udp, 0, 1, 4, 0, 0, 0, 0, .. datagram], piece)
            : Cut(source.Address, Destination, number, Udp, datagram, piece);
    }

    private CutDatagram(IPAddress destination, byte[] content, byte[][] fragments) => (Destination, Content, Fragments) = (destination, content, fragments);

    /// <summary>What is in it.</summary>
    public byte[] Content { get; }

    /// <summary>Whom it is for.</summary>
    public IPAddress Destination { get; }

    /// <summary>Its fragments as packets, in order.</summary>
    public byte[][] Fragments { get; }

    /// <summary>Sends some of its fragments, by their places.</summary>
    public void Send(NetworkNamespace network, params IEnumerable<int> places) => SendAll(network, Destination, places.Select(place => Fragments[place]));

    /// <summary>Sends all, from the last to the first.</summary>
    public void SendBackwards(NetworkNamespace network) => Send(network, Enumerable.Range(0, Fragments.Length).Reverse());

    /// <summary>Cuts an echo, or a reply to one.</summary>
    public static CutDatagram Echo(IPAddress source, IPAddress destination, uint number, ushort identifier, bool isReply)
    {
        var isIPv4 = source.AddressFamily is AddressFamily.InterNetwork;
        var content = RandomBytes(2000);
        byte[] echo = [isIPv4 ? (byte)(isReply ? 0 : 8) : (byte)(isReply ? 129 : 128), 0, 0, 0, (byte)(identifier >> 8), (byte)identifier, 0, 1, .. content];
        BinaryPrimitives.WriteUInt16BigEndian(echo.AsSpan(2), isIPv4 ? (ushort)~WirePacket.Sum(echo, 0) : Checksum(source, destination, IcmpV6, echo));
        return new(destination, content, Cut(source, destination, number, isIPv4 ? Icmp : IcmpV6, echo, 800));
    }

    /// <summary>Sends packets, one right after the other.</summary>
    public static void SendAll(NetworkNamespace network, IPAddress destination, IEnumerable<byte[]> packets)
    {
        using var socket = network.Run(() => new Socket(destination.AddressFamily, SocketType.Raw, ProtocolType.Raw));
        if (destination.AddressFamily is AddressFamily.InterNetwork)
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        foreach (var packet in packets)
            Assert.That(socket.SendTo(packet, new IPEndPoint(destination, 0)), Is.EqualTo(packet.Length));
    }

    /// <summary>A packet with a whole datagram.</summary>
    public static byte[] Whole(IPEndPoint source, IPEndPoint destination, byte[] content)
    {
        var datagram = Datagram(source, destination, content);
        var packet = Fragment(source.Address, destination.Address, 1, Udp, 0, datagram, isLast: true);
        if (source.AddressFamily is AddressFamily.InterNetwork)
            return packet;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)datagram.Length);
        packet[6] = Udp;
        return [.. packet[..40], .. datagram];
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }

    private static byte[][] Cut(IPAddress source, IPAddress destination, uint number, byte protocol, byte[] whole, int piece) =>
    [
        .. Enumerable.Range(0, (whole.Length + piece - 1) / piece).Select(i => Fragment(
            source, destination, number, protocol, i * piece, whole.AsSpan(i * piece, Math.Min(piece, whole.Length - (i * piece))), isLast: (i + 1) * piece >= whole.Length)),
    ];

    private static byte[] Datagram(IPEndPoint source, IPEndPoint destination, byte[] content)
    {
        var datagram = new byte[UdpHeader + content.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), (ushort)destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        content.CopyTo(datagram, UdpHeader);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), Checksum(source.Address, destination.Address, Udp, datagram));
        return datagram;
    }

    private static byte[] Fragment(IPAddress source, IPAddress destination, uint number, byte protocol, int offset, ReadOnlySpan<byte> content, bool isLast)
    {
        var isIPv4 = source.AddressFamily is AddressFamily.InterNetwork;
        var header = isIPv4 ? 20 : 48;
        var packet = new byte[header + content.Length];
        content.CopyTo(packet.AsSpan(header));
        if (isIPv4)
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)number);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)((offset / 8) | (isLast ? 0 : 0x2000)));
            packet[8] = 64;
            packet[9] = protocol;
        }
        else
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - 40));
            packet[6] = FragmentHeader;
            packet[7] = 64;
            packet[40] = protocol;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(42), (ushort)(offset | (isLast ? 0 : 1)));
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(44), number);
        }

        source.GetAddressBytes().CopyTo(packet, isIPv4 ? 12 : 8);
        destination.GetAddressBytes().CopyTo(packet, isIPv4 ? 16 : 24);
        if (isIPv4)
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~WirePacket.Sum(packet.AsSpan(0, 20), 0));
        return packet;
    }

    private static ushort Checksum(IPAddress source, IPAddress destination, byte protocol, ReadOnlySpan<byte> datagram)
    {
        var sum = WirePacket.Sum(datagram, WirePacket.Sum(source.GetAddressBytes(), WirePacket.Sum(destination.GetAddressBytes(), protocol + (uint)datagram.Length)));
        return sum == 0xffff ? (ushort)0xffff : (ushort)~sum;
    }
}
