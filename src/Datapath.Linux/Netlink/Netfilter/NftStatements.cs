namespace Datapath.Linux.Netlink;

/// <summary>Decides on a packet.</summary>
/// <param name="Verdict">What becomes of it.</param>
internal sealed record NftDecide(NftVerdict Verdict) : NftExpression("immediate")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.AddBigEndian(Nft.NFTA_IMMEDIATE_DREG, Nft.NFT_REG_VERDICT);
        Verdict.Write(ref writer, Nft.NFTA_IMMEDIATE_DATA);
    }
}

/// <summary>Counts a packet by a counter of the table.</summary>
/// <param name="Of">The name of the counter.</param>
internal sealed record NftCount(string Of) : NftExpression("objref")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.AddBigEndian(Nft.NFTA_OBJREF_IMM_TYPE, Nft.NFT_OBJECT_COUNTER);
        writer.Add(Nft.NFTA_OBJREF_IMM_NAME, Of);
    }
}

/// <summary>The ports that a flow may be given.</summary>
/// <param name="First">Where the first is, as packets have it.</param>
/// <param name="Last">Where the last is.</param>
/// <param name="AreRandom">Whether each flow gets one by chance, even if its own is free.</param>
internal readonly record struct NftPorts(NftRegister First, NftRegister Last, bool AreRandom)
{
    internal uint Flags => Nfnl.NF_NAT_RANGE_PROTO_SPECIFIED | (AreRandom ? Nfnl.NF_NAT_RANGE_PROTO_RANDOM_FULLY : 0);
}

/// <summary>Gives a flow an address of the device by which it leaves.</summary>
/// <param name="Ports">Its ports; <see langword="null"/>: any.</param>
internal sealed record NftMasquerade(NftPorts? Ports = null) : NftExpression("masq")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        if (Ports is not { } ports)
            return;
        writer.AddBigEndian(Nft.NFTA_MASQ_FLAGS, ports.Flags);
        writer.AddBigEndian(Nft.NFTA_MASQ_REG_PROTO_MIN, ports.First.Number);
        writer.AddBigEndian(Nft.NFTA_MASQ_REG_PROTO_MAX, ports.Last.Number);
    }
}

/// <summary>Gives a flow another source.</summary>
/// <param name="Family">The family of the address: NFPROTO_IPV4 or NFPROTO_IPV6.</param>
/// <param name="Address">Where the address is.</param>
/// <param name="Ports">Its ports.</param>
internal sealed record NftSourceNat(byte Family, NftRegister Address, NftPorts Ports) : NftExpression("nat")
{
    private protected override void WriteData(ref NetlinkWriter writer)
    {
        writer.AddBigEndian(Nft.NFTA_NAT_TYPE, Nft.NFT_NAT_SNAT);
        writer.AddBigEndian(Nft.NFTA_NAT_FAMILY, (uint)Family);
        writer.AddBigEndian(Nft.NFTA_NAT_REG_ADDR_MIN, Address.Number);
        writer.AddBigEndian(Nft.NFTA_NAT_REG_PROTO_MIN, Ports.First.Number);
        writer.AddBigEndian(Nft.NFTA_NAT_REG_PROTO_MAX, Ports.Last.Number);
        writer.AddBigEndian(Nft.NFTA_NAT_FLAGS, Ports.Flags | Nfnl.NF_NAT_RANGE_MAP_IPS);
    }
}
