namespace Datapath.Linux.Netlink;

/// <summary>Four bytes that the expressions of a rule hand on to each other; a longer value takes those behind as well.</summary>
internal readonly record struct NftRegister
{
    private const int Count = 16;

    /// <param name="index">0 to 15.</param>
    public NftRegister(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        Number = Nft.NFT_REG32_00 + (uint)index;
    }

    internal uint Number { get; }
}
