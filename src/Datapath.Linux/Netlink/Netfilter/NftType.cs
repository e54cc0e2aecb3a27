namespace Datapath.Linux.Netlink;

/// <summary>What the values of a set are. The kernel looks at their length only; the number is for those who list the set, as nft(8).</summary>
/// <param name="Number">The number by which nft(8) knows it.</param>
/// <param name="Length">The length of a value in bytes.</param>
internal readonly record struct NftType(uint Number, int Length)
{
    /// <summary>A number without a meaning of its own, in the order of bytes of this machine.</summary>
    public static NftType Mark => new(19, sizeof(uint));

    public static NftType IPv4Address => new(7, 4);

    public static NftType IPv6Address => new(8, 16);

    /// <summary>The name of an interface, with zeros behind it.</summary>
    public static NftType InterfaceName => new(41, 16);
}
