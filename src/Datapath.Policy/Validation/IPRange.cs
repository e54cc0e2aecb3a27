using System.Globalization;
using System.Net;

namespace Datapath.Policy;

/// <summary>A range of IP addresses in CIDR form, read as strictly as <see cref="IPValue"/> reads addresses.</summary>
internal readonly record struct IPRange : IComparable<IPRange>
{
    private IPRange(IPValue first, int length) => (First, Length) = (first, length);

    /// <summary>The lowest address of the range.</summary>
    public IPValue First { get; }

    /// <summary>How many leading bits all addresses of the range share.</summary>
    public int Length { get; }

    /// <summary>The same range.</summary>
    public static IPRange Of(IPNetwork network) => new(IPValue.Of(network.BaseAddress), network.PrefixLength);

    /// <summary>The range of one address alone.</summary>
    public static IPRange Of(IPValue address) => new(address, address.BitCount);

    public IPNetwork ToNetwork() => new(First.WithPort(0, L4Protocol.Tcp).Address, Length);

    /// <summary>Reads a range. Bits beyond the prefix are dropped, and <paramref name="isExact"/> says whether there were none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPRange range, out bool isExact)
    {
        (range, isExact) = (default, false);
        var slash = text.IndexOf('/');
        if (slash < 0 || !IPValue.TryParse(text[..slash], out var address) || address.IsIPv4Mapped)
            return false;
        var digits = text[(slash + 1)..];
        if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0')
            || !byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > address.BitCount)
            return false;
        range = new(address.Masked(length), length);
        isExact = range.First == address;
        return true;
    }

    /// <summary>Reads a range, or an address as the range of it alone.</summary>
    public static bool TryParseAny(ReadOnlySpan<char> text, out IPRange range, out bool isExact)
    {
        if (text.Contains('/'))
            return TryParse(text, out range, out isExact);
        isExact = IPValue.TryParse(text, out var address) && !address.IsIPv4Mapped;
        range = isExact ? Of(address) : default;
        return isExact;
    }

    public bool Contains(IPValue address) => address.IsIPv4 == First.IsIPv4 && address.Masked(Length) == First;

    /// <summary>Whether all addresses of another range are in this one.</summary>
    public bool Contains(IPRange other) => other.Length >= Length && Contains(other.First);

    /// <summary>The highest address of the range.</summary>
    public IPValue Last => First.WithBitsAfter(Length);

    /// <summary>Orders by family, then first address, then length: a range comes before those inside it.</summary>
    public int CompareTo(IPRange other)
    {
        var byFirst = First.CompareTo(other.First);
        return byFirst != 0 ? byFirst : Length.CompareTo(other.Length);
    }

    /// <summary>The canonical text, for example <c>169.254.0.0/16</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}/{Length}");
}
