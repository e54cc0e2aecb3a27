namespace Datapath.Linux.Netlink;

/// <summary>What becomes of a packet by a rule.</summary>
/// <param name="Code">The number.</param>
/// <param name="Chain">The chain that goes on with it, if one does.</param>
internal readonly record struct NftVerdict(uint Code, string? Chain = null)
{
    /// <summary>The packet goes nowhere.</summary>
    public static NftVerdict Drop => new(Nfnl.NF_DROP);

    /// <summary>The hook is done with the packet.</summary>
    public static NftVerdict Accept => new(Nfnl.NF_ACCEPT);

    /// <summary>Another chain goes on, and this one not after it.</summary>
    public static NftVerdict GoTo(string chain) => new(Nft.NFT_GOTO, chain);

    internal void Write(ref NetlinkWriter writer, ushort type)
    {
        var data = writer.BeginNested(type);
        var verdict = writer.BeginNested(Nft.NFTA_DATA_VERDICT);
        writer.AddBigEndian(Nft.NFTA_VERDICT_CODE, Code);
        if (Chain is not null)
            writer.Add(Nft.NFTA_VERDICT_CHAIN, Chain);
        writer.EndNested(verdict);
        writer.EndNested(data);
    }
}
