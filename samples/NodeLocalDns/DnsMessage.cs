using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Datapath.NodeLocalDns;

/// <summary>As much of RFC 1035 as it takes to ask for an address or a text.</summary>
internal static class DnsMessage
{
    public const ushort TypeA = 1;
    public const ushort TypeTxt = 16;

    private const ushort ClassIn = 1;
    private const int HeaderLength = 12;
    private const int PointerLength = 2;

    /// <summary>A query for one record, recursion desired.</summary>
    public static byte[] Query(ushort id, string name, ushort type)
    {
        var message = new List<byte>(HeaderLength + name.Length + 6) { (byte)(id >> 8), (byte)id, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (var label in name.Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }

        message.AddRange([0, (byte)(type >> 8), (byte)type, 0, (byte)ClassIn]);
        return [.. message];
    }

    /// <summary>The number of the query that a message belongs to.</summary>
    public static ushort IdOf(ReadOnlySpan<byte> message) => message.Length >= HeaderLength ? BinaryPrimitives.ReadUInt16BigEndian(message) : (ushort)0;

    /// <summary>The first record of an answer as text, an address or a text; <see langword="null"/> if there is none.</summary>
    public static string? Answer(ReadOnlySpan<byte> message, ushort type)
    {
        if (message.Length < HeaderLength || BinaryPrimitives.ReadUInt16BigEndian(message[6..]) == 0)
            return null;
        var rest = message[(HeaderLength + NameLength(message[HeaderLength..]) + 4)..];
        rest = rest[NameLength(rest)..];
        var (itsType, length) = (BinaryPrimitives.ReadUInt16BigEndian(rest), BinaryPrimitives.ReadUInt16BigEndian(rest[8..]));
        var data = rest.Slice(10, length);
        if (itsType != type)
            return null;
        return type is TypeA ? new IPAddress(data).ToString() : Encoding.ASCII.GetString(data.Slice(1, data[0]));
    }

    private static int NameLength(ReadOnlySpan<byte> name)
    {
        var at = 0;
        while (name[at] is > 0 and < 0xc0)
            at += name[at] + 1;
        return at + (name[at] == 0 ? 1 : PointerLength);
    }
}
