namespace Datapath.Linux.Netlink;

/// <summary>A set, a map of values or a map of verdicts.</summary>
/// <param name="Name">Its name in its table.</param>
/// <param name="Key">What its keys are.</param>
internal sealed record NftSet(string Name, NftType Key)
{
    /// <summary>Whether keys are the beginnings and ends of intervals. Default: no, they are single values.</summary>
    public bool IsInterval { get; init; }

    /// <summary>What the values of a map are. Default: it is none, or one of verdicts.</summary>
    public NftType? Data { get; init; }

    /// <summary>Whether it maps keys to verdicts.</summary>
    public bool HasVerdicts { get; init; }

    /// <summary>Writes the set, without elements.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="id">A number that no other set of the batch has.</param>
    internal void Write(ref NetlinkWriter writer, uint id)
    {
        var isMap = HasVerdicts || Data is not null;
        writer.Add(Nft.NFTA_SET_NAME, Name);
        writer.AddBigEndian(Nft.NFTA_SET_FLAGS, (IsInterval ? Nft.NFT_SET_INTERVAL : 0) | (isMap ? Nft.NFT_SET_MAP : 0));
        writer.AddBigEndian(Nft.NFTA_SET_KEY_TYPE, Key.Number);
        writer.AddBigEndian(Nft.NFTA_SET_KEY_LEN, (uint)Key.Length);
        if (HasVerdicts)
        {
            writer.AddBigEndian(Nft.NFTA_SET_DATA_TYPE, Nft.NFT_DATA_VERDICT);
        }
        else if (Data is { } data)
        {
            writer.AddBigEndian(Nft.NFTA_SET_DATA_TYPE, data.Number);
            writer.AddBigEndian(Nft.NFTA_SET_DATA_LEN, (uint)data.Length);
        }

        writer.AddBigEndian(Nft.NFTA_SET_ID, id);
    }
}
