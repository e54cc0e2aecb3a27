using System.Net;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Datapath.Linux.Netlink;

/// <summary>One attribute; a view, valid as long as the buffer is.</summary>
internal readonly ref struct NetlinkAttribute
{
    internal NetlinkAttribute(ushort type, ReadOnlySpan<byte> value)
    {
        Type = (ushort)(type & Nl.NLA_TYPE_MASK); // the other two bits only tell of nesting and byte order
        Value = value;
    }

    public ushort Type { get; }

    public ReadOnlySpan<byte> Value { get; }

    /// <summary>A number, or a struct, in the order of bytes of this machine.</summary>
    /// <exception cref="NetlinkFormatException">The value is shorter; a longer one may come from a newer kernel and is fine.</exception>
    public unsafe T As<T>()
        where T : unmanaged =>
        MemoryMarshal.TryRead<T>(Value, out var value)
            ? value
            : throw new NetlinkFormatException($"attribute {Type} has {Value.Length} bytes where a {typeof(T).Name} takes {sizeof(T)}");

    /// <summary>A number in the order of bytes of the network.</summary>
    /// <exception cref="NetlinkFormatException">The value has another length.</exception>
    public unsafe T AsBigEndian<T>()
        where T : unmanaged, IBinaryInteger<T> =>
        Value.Length == sizeof(T)
            ? T.ReadBigEndian(Value, isUnsigned: true)
            : throw new NetlinkFormatException($"attribute {Type} has {Value.Length} bytes where a {typeof(T).Name} takes {sizeof(T)}");

    /// <summary>A text, without the zero that ends it.</summary>
    public string AsString()
    {
        var end = Value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
    }

    /// <summary>An IPv4 or IPv6 address.</summary>
    /// <exception cref="NetlinkFormatException">The value has neither 4 nor 16 bytes.</exception>
    public IPAddress AsAddress() =>
        Value.Length is 4 or 16 ? new(Value) : throw new NetlinkFormatException($"attribute {Type} has {Value.Length} bytes where an address takes 4 or 16");

    /// <summary>The attributes inside.</summary>
    public NetlinkAttributeReader Nested() => new(Value);
}
