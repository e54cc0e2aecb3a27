namespace Datapath.Linux.Netlink;

/// <summary>Loads a fact about a packet.</summary>
/// <param name="Key">Which one.</param>
/// <param name="To">Where to.</param>
internal sealed record NftMeta(uint Key, NftRegister To) : NftExpression("meta")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.AddBigEndian(Nft.NFTA_META_DREG, To.Number);
        writer.AddBigEndian(Nft.NFTA_META_KEY, Key);
    }
}

/// <summary>Loads bytes of the network header.</summary>
/// <param name="Offset">From which byte on.</param>
/// <param name="Length">How many.</param>
/// <param name="To">Where to.</param>
internal sealed record NftNetworkHeader(int Offset, int Length, NftRegister To) : NftExpression("payload")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.AddBigEndian(Nft.NFTA_PAYLOAD_DREG, To.Number);
        writer.AddBigEndian(Nft.NFTA_PAYLOAD_BASE, Nft.NFT_PAYLOAD_NETWORK_HEADER);
        writer.AddBigEndian(Nft.NFTA_PAYLOAD_OFFSET, (uint)Offset);
        writer.AddBigEndian(Nft.NFTA_PAYLOAD_LEN, (uint)Length);
    }
}

/// <summary>Loads what the source address is at the device by which the packet leaves: a type of routes, 2 for an address of the device.</summary>
/// <param name="To">Where to.</param>
internal sealed record NftSourceType(NftRegister To) : NftExpression("fib")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.AddBigEndian(Nft.NFTA_FIB_DREG, To.Number);
        writer.AddBigEndian(Nft.NFTA_FIB_RESULT, Nft.NFT_FIB_RESULT_ADDRTYPE);
        writer.AddBigEndian(Nft.NFTA_FIB_FLAGS, Nft.NFTA_FIB_F_SADDR | Nft.NFTA_FIB_F_OIF);
    }
}

/// <summary>Loads a number from 0 on that depends on a value.</summary>
/// <param name="From">Where the value is.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Modulus">The number of different results.</param>
/// <param name="To">Where to.</param>
internal sealed record NftHash(NftRegister From, int Length, int Modulus, NftRegister To) : NftExpression("hash")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.AddBigEndian(Nft.NFTA_HASH_SREG, From.Number);
        writer.AddBigEndian(Nft.NFTA_HASH_DREG, To.Number);
        writer.AddBigEndian(Nft.NFTA_HASH_LEN, (uint)Length);
        writer.AddBigEndian(Nft.NFTA_HASH_MODULUS, (uint)Modulus);
        writer.AddBigEndian(Nft.NFTA_HASH_SEED, 0u); // without one the kernel takes a random one: sources would change their address with the rules
        writer.AddBigEndian(Nft.NFTA_HASH_TYPE, Nft.NFT_HASH_JENKINS);
    }
}

/// <summary>Loads a value that the rule brings along.</summary>
/// <param name="Value">The value.</param>
/// <param name="To">Where to.</param>
internal sealed record NftValue(ReadOnlyMemory<byte> Value, NftRegister To) : NftExpression("immediate")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.AddBigEndian(Nft.NFTA_IMMEDIATE_DREG, To.Number);
        NftData.Write(ref writer, Nft.NFTA_IMMEDIATE_DATA, Value.Span);
    }
}
