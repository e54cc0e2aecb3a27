using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Datapath.Policy;

/// <summary>
/// An IP address read strictly: <see cref="IPAddress.TryParse(ReadOnlySpan{char}, out IPAddress?)"/> also takes <c>1</c>,
/// <c>0x7f.1</c> and <c>[::1]</c>, and takes <c>010.0.0.1</c> for octal, where others read decimal.
/// </summary>
internal readonly record struct IPValue : IComparable<IPValue>
{
    private static readonly SearchValues<char> s_v6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    private readonly UInt128 _bits;

    private IPValue(UInt128 bits, bool isIPv4) => (_bits, IsIPv4) = (bits, isIPv4);

    public bool IsIPv4 { get; }

    public bool IsUnspecified => _bits == UInt128.Zero;

    public bool IsLoopback => IsIPv4 ? (_bits >> 24) == 127 : _bits == UInt128.One;

    public bool IsMulticast => IsIPv4 ? (_bits >> 28) == 0xe : (_bits >> 120) == 0xff;

    /// <summary>Whether it is in 169.254.0.0/16 or fe80::/10.</summary>
    public bool IsLinkLocal => IsIPv4 ? (_bits >> 16) == 0xa9fe : (_bits >> 118) == 0x3fa;

    /// <summary>Whether it is in ::ffff:0:0/96.</summary>
    public bool IsIPv4Mapped => !IsIPv4 && (_bits >> 32) == 0xffff;

    public int BitCount => IsIPv4 ? 32 : 128;

    /// <summary>The address with all but its first bits cleared.</summary>
    public IPValue Masked(int length) => length == 0 ? new(UInt128.Zero, IsIPv4) : new((_bits >> (BitCount - length)) << (BitCount - length), IsIPv4);

    /// <summary>The address with all but its first bits set.</summary>
    public IPValue WithBitsAfter(int length) => length == BitCount ? this : new(_bits | ((IsIPv4 ? uint.MaxValue : UInt128.MaxValue) >> length), IsIPv4);

    /// <summary>The same address; a scope is left away.</summary>
    public static IPValue Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var length);
        return length == 4 ? new(BinaryPrimitives.ReadUInt32BigEndian(bytes), isIPv4: true) : new(BinaryPrimitives.ReadUInt128BigEndian(bytes), isIPv4: false);
    }

    /// <summary>Orders by family, then by number.</summary>
    public int CompareTo(IPValue other) => IsIPv4 == other.IsIPv4 ? _bits.CompareTo(other._bits) : IsIPv4 ? -1 : 1;

    public static bool TryParse(ReadOnlySpan<char> text, out IPValue value)
    {
        value = default;
        if (!text.Contains(':'))
        {
            if (!TryParseIPv4(text, out var v4))
                return false;
            value = new(v4, isIPv4: true);
            return true;
        }

        if (text.ContainsAnyExcept(s_v6Characters) || !IPAddress.TryParse(text, out var address)
            || address.AddressFamily is not AddressFamily.InterNetworkV6)
            return false;
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out _);
        value = new(BinaryPrimitives.ReadUInt128BigEndian(bytes), isIPv4: false);
        return true;
    }

    public L4Address WithPort(ushort port, L4Protocol protocol)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _bits);
        return L4Address.FromBytes(IsIPv4 ? bytes[12..] : bytes, port, protocol);
    }

    /// <summary>The canonical text (RFC 5952).</summary>
    public override string ToString() => WithPort(0, L4Protocol.Tcp).Address.ToString();

    private static bool TryParseIPv4(ReadOnlySpan<char> text, out uint value)
    {
        value = 0;
        var part = 0u;
        var digits = 0;
        var dots = 0;
        foreach (var c in text)
        {
            if (c == '.')
            {
                if (digits == 0 || ++dots > 3)
                    return false;
                value = (value << 8) | part;
                (part, digits) = (0, 0);
                continue;
            }

            if (!char.IsAsciiDigit(c) || (digits == 1 && part == 0) || digits == 3)
                return false;
            part = (part * 10) + (uint)(c - '0');
            if (part > 255)
                return false;
            digits++;
        }

        value = (value << 8) | part;
        return dots == 3 && digits > 0;
    }
}
