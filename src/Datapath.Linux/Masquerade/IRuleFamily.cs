using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Masquerade;

/// <summary>What differs between the families' prefixes.</summary>
internal interface IRuleFamily<TPrefix>
    where TPrefix : unmanaged
{
    static abstract AddressFamily Family { get; }

    static abstract TPrefix Prefix(IPNetwork network, uint generation);

    static abstract uint GenerationOf(in TPrefix prefix);
}

/// <summary>IPv4.</summary>
internal readonly struct Ipv4Rules : IRuleFamily<NatPrefix4>
{
    public static AddressFamily Family => AddressFamily.InterNetwork;

    public static NatPrefix4 Prefix(IPNetwork network, uint generation) =>
        new() { PrefixLength = 32 + (uint)network.PrefixLength, Generation = generation, Address = NatAddress.Words4(network.BaseAddress) };

    public static uint GenerationOf(in NatPrefix4 prefix) => prefix.Generation;
}

/// <summary>IPv6.</summary>
internal readonly struct Ipv6Rules : IRuleFamily<NatPrefix6>
{
    public static AddressFamily Family => AddressFamily.InterNetworkV6;

    public static NatPrefix6 Prefix(IPNetwork network, uint generation) =>
        new() { PrefixLength = 32 + (uint)network.PrefixLength, Generation = generation, Address = NatAddress.Words6(network.BaseAddress) };

    public static uint GenerationOf(in NatPrefix6 prefix) => prefix.Generation;
}

/// <summary>Addresses as the kernel has them.</summary>
internal static class NatAddress
{
    public static Ip4 Words4(IPAddress address)
    {
        var words = default(Ip4);
        _ = address.TryWriteBytes(MemoryMarshal.AsBytes(new Span<Ip4>(ref words)), out _);
        return words;
    }

    public static Ip6 Words6(IPAddress address)
    {
        var words = default(Ip6);
        _ = address.TryWriteBytes(MemoryMarshal.AsBytes(new Span<Ip6>(ref words)), out _);
        return words;
    }

    /// <summary>In the words of IPv6, IPv4 mapped.</summary>
    public static Ip6 Mapped(IPAddress address) => Words6(address.MapToIPv6());

    public static IPAddress Of(Ip4 words) => new(MemoryMarshal.AsBytes(new ReadOnlySpan<Ip4>(in words)));

    public static IPAddress Of(Ip6 words) => new(MemoryMarshal.AsBytes(new ReadOnlySpan<Ip6>(in words)));
}
