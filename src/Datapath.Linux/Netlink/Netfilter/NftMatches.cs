namespace Datapath.Linux.Netlink;

/// <summary>Holds if a value is another.</summary>
/// <param name="From">Where it is.</param>
/// <param name="Value">What it is to be.</param>
internal sealed record NftEqual(NftRegister From, ReadOnlyMemory<byte> Value) : NftExpression("cmp")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.AddBigEndian(Nft.NFTA_CMP_SREG, From.Number);
        writer.AddBigEndian(Nft.NFTA_CMP_OP, Nft.NFT_CMP_EQ);
        NftData.Write(ref writer, Nft.NFTA_CMP_DATA, Value.Span);
    }
}

/// <summary>Holds if a value is in a set.</summary>
/// <param name="From">Where the value is.</param>
/// <param name="Set">The set.</param>
internal sealed record NftContains(NftRegister From, string Set) : NftExpression("lookup")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.Add(Nft.NFTA_LOOKUP_SET, Set);
        writer.AddBigEndian(Nft.NFTA_LOOKUP_SREG, From.Number);
    }
}

/// <summary>Loads what a map has for a value, and does not hold if it has nothing.</summary>
/// <param name="From">Where the value is.</param>
/// <param name="Map">The map.</param>
/// <param name="To">Where to; <see langword="null"/> if the map is one of verdicts, which decide on the packet.</param>
internal sealed record NftMapped(NftRegister From, string Map, NftRegister? To) : NftExpression("lookup")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.Add(Nft.NFTA_LOOKUP_SET, Map);
        writer.AddBigEndian(Nft.NFTA_LOOKUP_SREG, From.Number);
        writer.AddBigEndian(Nft.NFTA_LOOKUP_DREG, To?.Number ?? Nft.NFT_REG_VERDICT);
    }
}
