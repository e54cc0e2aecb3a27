using System.Buffers.Binary;
using System.Net;

namespace Datapath.MasqueradeSample;

/// <summary>An echo request, as it was seen.</summary>
/// <param name="Source">Where it came from.</param>
/// <param name="Destination">Where it went.</param>
/// <param name="Identifier">Its identifier.</param>
internal sealed record Echo(IPAddress Source, IPAddress Destination, ushort Identifier)
{
    private const byte Icmp = 1;
    private const byte IcmpV6 = 58;
    private const byte Request = 8;
    private const byte RequestV6 = 128;
    private const int Header = 8;
    private const int HeaderIPv6 = 40;

    /// <summary>Makes a request.</summary>
    public static byte[] Make(bool isIPv4, ushort identifier, ReadOnlySpan<byte> content)
    {
        var message = new byte[Header + content.Length];
        message[0] = isIPv4 ? Request : RequestV6;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), identifier);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), 1);
        content.CopyTo(message.AsSpan(Header));
        if (isIPv4) // of ICMPv6 the kernel makes the sum
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Sum(message));
        return message;
    }

    /// <summary>Reads a packet from its IP header on.</summary>
    /// <returns>The request, or <see langword="null"/> if it is none with that content.</returns>
    public static Echo? TryRead(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> content) => (packet[0] >> 4) switch
    {
        4 when packet.Length > 20 && packet[9] == Icmp => Of(packet[((packet[0] & 15) * 4)..], Request, packet.Slice(12, 4), packet.Slice(16, 4), content),
        6 when packet.Length > HeaderIPv6 && packet[6] == IcmpV6 => Of(packet[HeaderIPv6..], RequestV6, packet.Slice(8, 16), packet.Slice(24, 16), content),
        _ => null,
    };

    /// <summary>As tcpdump writes it.</summary>
    public override string ToString() =>
        $"{(Source.GetAddressBytes().Length == 4 ? "IP" : "IP6")} {Source} > {Destination}: {(Source.GetAddressBytes().Length == 4 ? "ICMP" : "ICMP6,")} echo request, id {Identifier}, seq 1";

    private static Echo? Of(ReadOnlySpan<byte> message, byte type, ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> content) =>
        message.Length >= Header + content.Length && message[0] == type && message.Slice(Header, content.Length).SequenceEqual(content)
            ? new(new IPAddress(source), new IPAddress(destination), BinaryPrimitives.ReadUInt16BigEndian(message[4..]))
            : null;

    // RFC 1071
    private static ushort Sum(ReadOnlySpan<byte> message)
    {
        uint sum = 0;
        for (var i = 0; i < message.Length; i += 2)
            sum += i + 1 < message.Length ? BinaryPrimitives.ReadUInt16BigEndian(message[i..]) : (uint)message[i] << 8;
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
