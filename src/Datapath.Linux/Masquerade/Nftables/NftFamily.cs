using System.Net.Sockets;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>What differs between the families' rules.</summary>
/// <param name="Name">As it stands in names.</param>
/// <param name="Number">As netfilter numbers it.</param>
/// <param name="Socket">As sockets do.</param>
/// <param name="Address">The type of its addresses.</param>
/// <param name="SourceOffset">Where the source stands in the header; the destination follows it.</param>
internal sealed record NftFamily(string Name, byte Number, AddressFamily Socket, NftType Address, int SourceOffset)
{
    public static NftFamily IPv4 { get; } = new("ipv4", Nfnl.NFPROTO_IPV4, AddressFamily.InterNetwork, NftType.IPv4Address, 12);

    public static NftFamily IPv6 { get; } = new("ipv6", Nfnl.NFPROTO_IPV6, AddressFamily.InterNetworkV6, NftType.IPv6Address, 8);

    public static IReadOnlyList<NftFamily> All { get; } = [IPv4, IPv6];

    public NftNetworkHeader LoadSource(NftRegister to) => new(SourceOffset, Address.Length, to);

    public NftNetworkHeader LoadDestination(NftRegister to) => new(SourceOffset + Address.Length, Address.Length, to);
}
