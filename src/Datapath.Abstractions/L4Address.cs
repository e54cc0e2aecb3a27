using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Datapath;

/// <summary>
/// An IP address, a port and a transport protocol: <c>10.96.0.10:53/UDP</c> or <c>[fd10::a]:80/TCP</c>. 24 bytes, no allocation.
/// </summary>
/// <remarks>
/// An IPv4-mapped IPv6 address (<c>::ffff:10.0.0.1</c>) is stored as the IPv4 address that it stands for, because that is what a
/// socket talking to it uses on the wire.
/// </remarks>
public readonly struct L4Address : IEquatable<L4Address>, IComparable<L4Address>, ISpanParsable<L4Address>, ISpanFormattable
{
    private static readonly UInt128 s_mappedPrefix = new(0, 0xffff_0000_0000);

    /// <summary>The 16-byte address as a number; IPv4 as <c>::ffff:a.b.c.d</c>, so that one comparison orders both families.</summary>
    private readonly UInt128 _bits;

    /// <summary>Makes an address from its parts.</summary>
    /// <param name="address">An IPv4 or IPv6 address without a scope id.</param>
    /// <param name="port">0 to 65535; 0 is allowed, for entries that stand for every port.</param>
    /// <param name="protocol">The transport protocol.</param>
    /// <exception cref="ArgumentException">The address has a scope id or is neither IPv4 nor IPv6.</exception>
    public L4Address(IPAddress address, ushort port, L4Protocol protocol)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out var written);
        if (address.AddressFamily is AddressFamily.InterNetwork)
            _bits = s_mappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(bytes);
        else if (written == 16 && address.ScopeId == 0)
            _bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        else
            throw new ArgumentException($"'{address}' must be an IPv4 address or an IPv6 address without a scope id", nameof(address));
        Port = port;
        Protocol = protocol;
    }

    private L4Address(UInt128 bits, ushort port, L4Protocol protocol) => (_bits, Port, Protocol) = (bits, port, protocol);

    /// <summary>The port, in host order.</summary>
    public ushort Port { get; }

    /// <summary>The transport protocol.</summary>
    public L4Protocol Protocol { get; }

    /// <summary>Whether the address is IPv4.</summary>
    public bool IsIPv4 => (_bits >> 32) == (s_mappedPrefix >> 32);

    /// <summary>Whether the address is IPv6.</summary>
    public bool IsIPv6 => !IsIPv4;

    /// <summary>Whether the address is <c>0.0.0.0</c> or <c>::</c>.</summary>
    public bool IsUnspecified => _bits == UInt128.Zero || _bits == s_mappedPrefix;

    /// <summary>The IP address, as a new object.</summary>
    public IPAddress Address
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            return new IPAddress(bytes[..WriteAddress(bytes)]);
        }
    }

    /// <summary>Whether the first bits of the IP address are those of another of the same family. Ports and protocols do not matter.</summary>
    /// <param name="other">The other address.</param>
    /// <param name="length">How many bits, 0 to 32 for IPv4 and 0 to 128 for IPv6.</param>
    public bool HasPrefix(L4Address other, int length)
    {
        if (IsIPv4 != other.IsIPv4)
            return false;
        var ignored = (IsIPv4 ? 32 : 128) - length;
        return ignored >= 128 || (_bits >> ignored) == (other._bits >> ignored);
    }

    /// <summary>The unspecified address of a family, <c>0.0.0.0</c> or <c>::</c>.</summary>
    /// <param name="isIPv4">The family.</param>
    /// <param name="port">The port, in host order.</param>
    /// <param name="protocol">The transport protocol.</param>
    public static L4Address Unspecified(bool isIPv4, ushort port, L4Protocol protocol) =>
        new(isIPv4 ? s_mappedPrefix : UInt128.Zero, port, protocol);

    /// <summary>The same IP address with another port and protocol.</summary>
    /// <param name="port">The port, in host order.</param>
    /// <param name="protocol">The transport protocol.</param>
    public L4Address WithPort(ushort port, L4Protocol protocol) => new(_bits, port, protocol);

    /// <summary>Reads an address from 4 (IPv4) or 16 (IPv6) bytes in network order.</summary>
    /// <param name="address">4 or 16 bytes in network order.</param>
    /// <param name="port">The port, in host order.</param>
    /// <param name="protocol">The transport protocol.</param>
    /// <exception cref="ArgumentException">The span has neither 4 nor 16 bytes.</exception>
    public static L4Address FromBytes(ReadOnlySpan<byte> address, ushort port, L4Protocol protocol) => address.Length switch
    {
        4 => new(s_mappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(address), port, protocol),
        16 => new(BinaryPrimitives.ReadUInt128BigEndian(address), port, protocol),
        _ => throw new ArgumentException($"an IP address has 4 or 16 bytes, not {address.Length}", nameof(address)),
    };

    /// <summary>Writes the IP address in network order: 4 bytes for IPv4, 16 for IPv6.</summary>
    /// <param name="destination">At least 4 (IPv4) or 16 (IPv6) bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public int WriteAddress(Span<byte> destination)
    {
        if (IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_bits);
            return 4;
        }

        BinaryPrimitives.WriteUInt128BigEndian(destination, _bits);
        return 16;
    }

    /// <inheritdoc/>
    public bool Equals(L4Address other) => _bits == other._bits && Port == other.Port && Protocol == other.Protocol;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is L4Address other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_bits, Port, Protocol);

    /// <summary>Orders by the 16-byte address (IPv4 as <c>::ffff:a.b.c.d</c>), then port, then protocol number.</summary>
    /// <param name="other">The address to compare with.</param>
    public int CompareTo(L4Address other)
    {
        var byAddress = _bits.CompareTo(other._bits);
        if (byAddress != 0)
            return byAddress;
        var byPort = Port.CompareTo(other.Port);
        return byPort != 0 ? byPort : ((byte)Protocol).CompareTo((byte)other.Protocol);
    }

    /// <summary>The form <c>10.96.0.10:53/UDP</c>, IPv6 in brackets.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{this}");

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        IsIPv4
            ? destination.TryWrite(CultureInfo.InvariantCulture, $"{Address}:{Port}/{ProtocolName(Protocol)}", out charsWritten)
            : destination.TryWrite(CultureInfo.InvariantCulture, $"[{Address}]:{Port}/{ProtocolName(Protocol)}", out charsWritten);

    /// <summary>Reads the form that <see cref="ToString()"/> writes; without <c>/PROTO</c> the protocol is TCP.</summary>
    /// <param name="s">For example <c>10.96.0.10:53/UDP</c> or <c>[fd10::a]:80</c>.</param>
    /// <param name="provider">Not used.</param>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static L4Address Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var result) ? result : throw new FormatException($"'{s}' is not of the form 10.0.0.1:80/TCP or [fd00::1]:80/TCP");

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static L4Address Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out L4Address result)
    {
        result = default;
        var protocol = L4Protocol.Tcp;
        var slash = s.LastIndexOf('/');
        if (slash >= 0)
        {
            if (!TryParseProtocol(s[(slash + 1)..], out protocol))
                return false;
            s = s[..slash];
        }

        // IPEndPoint takes an address without a port as port 0; here the colon is part of the form.
        var isBracketed = s.StartsWith('[');
        if (isBracketed ? !s.Contains("]:", StringComparison.Ordinal) : s.Count(':') != 1)
            return false;
        if (!IPEndPoint.TryParse(s, out var endPoint) || endPoint.Address.AddressFamily is AddressFamily.InterNetworkV6 != isBracketed)
            return false;
        if (isBracketed && endPoint.Address.ScopeId != 0)
            return false;
        result = new(endPoint.Address, (ushort)endPoint.Port, protocol);
        return true;
    }

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out L4Address result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <summary>Whether both addresses are equal in all parts.</summary>
    public static bool operator ==(L4Address left, L4Address right) => left.Equals(right);

    /// <summary>Whether the addresses differ in some part.</summary>
    public static bool operator !=(L4Address left, L4Address right) => !left.Equals(right);

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(L4Address left, L4Address right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/> or is equal.</summary>
    public static bool operator <=(L4Address left, L4Address right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(L4Address left, L4Address right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/> or is equal.</summary>
    public static bool operator >=(L4Address left, L4Address right) => left.CompareTo(right) >= 0;

    private static string ProtocolName(L4Protocol protocol) => protocol switch
    {
        L4Protocol.Tcp => "TCP",
        L4Protocol.Udp => "UDP",
        L4Protocol.Sctp => "SCTP",
        _ => ((byte)protocol).ToString(CultureInfo.InvariantCulture),
    };

    private static bool TryParseProtocol(ReadOnlySpan<char> name, out L4Protocol protocol)
    {
        protocol = name switch
        {
            _ when name.Equals("TCP", StringComparison.OrdinalIgnoreCase) => L4Protocol.Tcp,
            _ when name.Equals("UDP", StringComparison.OrdinalIgnoreCase) => L4Protocol.Udp,
            _ when name.Equals("SCTP", StringComparison.OrdinalIgnoreCase) => L4Protocol.Sctp,
            _ => default,
        };
        return protocol != default;
    }
}
