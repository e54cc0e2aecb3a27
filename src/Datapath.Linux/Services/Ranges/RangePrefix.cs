using System.Net;

namespace Datapath.Linux.Services;

/// <summary>Prefixes as the tries of ranges count them: the bits of the protocol come first.</summary>
internal static class RangePrefix
{
    /// <summary>The bits of the protocol.</summary>
    public const int ProtocolBits = 32;

    /// <summary>The prefix of so many bits around one that is not shorter.</summary>
    public static IPNetwork Shorten(IPNetwork prefix, int length)
    {
        if (length == prefix.PrefixLength)
            return prefix;
        var bytes = prefix.BaseAddress.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] &= (byte)(0xff00 >> Math.Clamp(length - (8 * i), 0, 8));
        return new(new IPAddress(bytes), length);
    }

    /// <summary>The prefix of a key.</summary>
    /// <param name="address">An address of it. The kernel keeps the bits behind the prefix as they were written.</param>
    /// <param name="length">Bits that count, those of the protocol among them.</param>
    /// <returns><see langword="null"/> if not even the protocol counts.</returns>
    public static IPNetwork? Of(IPAddress address, uint length) => length < ProtocolBits ? null : new(address, (int)length - ProtocolBits);
}
