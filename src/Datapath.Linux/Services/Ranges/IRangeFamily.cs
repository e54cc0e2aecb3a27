using System.Net;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>What differs between the families' tries of ranges.</summary>
internal interface IRangeFamily<TKey>
    where TKey : unmanaged, IEquatable<TKey>
{
    /// <summary>The key of a range's prefix and protocol.</summary>
    static abstract TKey Key(FrontendRange range);

    static abstract L4Protocol ProtocolOf(in TKey key);

    /// <summary>The prefix of a key; <see langword="null"/> if it counts less than the protocol.</summary>
    static abstract IPNetwork? PrefixOf(in TKey key);
}

/// <summary>Ranges of IPv4.</summary>
internal readonly struct Ipv4Ranges : IRangeFamily<RangeKey4>
{
    public static RangeKey4 Key(FrontendRange range) => new()
    {
        PrefixLength = RangePrefix.ProtocolBits + (uint)range.Prefix.PrefixLength,
        Protocol = (uint)range.Protocol,
        Address = Ipv4Family.Key(new(range.Prefix.BaseAddress, 0, range.Protocol)).Address,
    };

    public static L4Protocol ProtocolOf(in RangeKey4 key) => (L4Protocol)key.Protocol;

    public static IPNetwork? PrefixOf(in RangeKey4 key) =>
        RangePrefix.Of(Ipv4Family.Address(new FrontendKey4 { Address = key.Address, Protocol = (byte)key.Protocol }).Address, key.PrefixLength);
}

/// <summary>Ranges of IPv6.</summary>
internal readonly struct Ipv6Ranges : IRangeFamily<RangeKey6>
{
    public static RangeKey6 Key(FrontendRange range) => new()
    {
        PrefixLength = RangePrefix.ProtocolBits + (uint)range.Prefix.PrefixLength,
        Protocol = (uint)range.Protocol,
        Address = Ipv6Family.Key(new(range.Prefix.BaseAddress, 0, range.Protocol)).Address,
    };

    public static L4Protocol ProtocolOf(in RangeKey6 key) => (L4Protocol)key.Protocol;

    public static IPNetwork? PrefixOf(in RangeKey6 key) =>
        RangePrefix.Of(Ipv6Family.Address(new FrontendKey6 { Address = key.Address, Protocol = (byte)key.Protocol }).Address, key.PrefixLength);
}
