using System.Buffers.Binary;
using System.Net;

namespace Datapath.Kernel.Tests.Bpf.Gallery;

/// <summary>Ethernet frames for programs that run on bytes of the test's choice.</summary>
internal static class PacketBytes
{
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;

    private const int EthernetLength = 14;

    /// <summary>An IPv4 frame, the header's checksum left 0.</summary>
    /// <param name="protocol">The protocol of the payload.</param>
    /// <param name="from">The sender.</param>
    /// <param name="payload">What follows the IPv4 header.</param>
    /// <param name="tags">The VLAN tags before it.</param>
    public static byte[] Ipv4(byte protocol, string from, byte[] payload, params ushort[] tags)
    {
        var header = new byte[20];
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(20 + payload.Length));
        header[8] = 64;
        header[9] = protocol;
        IPAddress.Parse(from).GetAddressBytes().CopyTo(header, 12);
        IPAddress.Parse("192.0.2.1").GetAddressBytes().CopyTo(header, 16);
        return [.. Ethernet(0x0800, tags), .. header, .. payload];
    }

    /// <summary>An IPv6 frame.</summary>
    /// <param name="next">The protocol of the payload.</param>
    /// <param name="from">The sender.</param>
    /// <param name="payload">What follows the IPv6 header.</param>
    public static byte[] Ipv6(byte next, string from, byte[] payload)
    {
        var header = new byte[40];
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)payload.Length);
        header[6] = next;
        header[7] = 64;
        IPAddress.Parse(from).GetAddressBytes().CopyTo(header, 8);
        IPAddress.Parse("2001:db8::1").GetAddressBytes().CopyTo(header, 24);
        return [.. Ethernet(0x86dd), .. header, .. payload];
    }

    /// <summary>A UDP datagram with a checksum over all but the addresses.</summary>
    /// <param name="to">The port.</param>
    /// <param name="data">The data.</param>
    public static byte[] Datagram(ushort to, params byte[] data)
    {
        var datagram = new byte[8 + data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, 40000);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(2), to);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        data.CopyTo(datagram, 8);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), Checksum(datagram));
        return datagram;
    }

    /// <summary>An ICMP echo request with its checksum.</summary>
    public static byte[] Ping()
    {
        byte[] ping = [8, 0, 0, 0, 0x12, 0x34, 0, 1, .. "are you there?"u8];
        BinaryPrimitives.WriteUInt16BigEndian(ping.AsSpan(2), Checksum(ping));
        return ping;
    }

    /// <summary>The internet checksum (RFC 1071): 0 over bytes that hold their own.</summary>
    /// <param name="bytes">An even number of bytes.</param>
    public static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var i = 0; i < bytes.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    private static byte[] Ethernet(ushort type, params ushort[] tags)
    {
        var header = new byte[EthernetLength + (4 * tags.Length)];
        for (var i = 0; i < 6; i++)
        {
            header[i] = (byte)(0x20 + i);
            header[6 + i] = (byte)(0x40 + i);
        }

        var at = 12;
        foreach (var tag in tags)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(at), 0x8100);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(at + 2), tag);
            at += 4;
        }

        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(at), type);
        return header;
    }
}
