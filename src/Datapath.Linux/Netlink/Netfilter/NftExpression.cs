namespace Datapath.Linux.Netlink;

/// <summary>A part of a rule. Parts are run one after the other, until one does not hold or decides on the packet.</summary>
/// <param name="Name">By which the kernel knows its kind.</param>
internal abstract record NftExpression(string Name)
{
    internal void Write(ref NetlinkWriter writer)
    {
        var element = writer.BeginNested(Nft.NFTA_LIST_ELEM);
        writer.Add(Nft.NFTA_EXPR_NAME, Name);
        var data = writer.BeginNested(Nft.NFTA_EXPR_DATA);
        WriteData(ref writer);
        writer.EndNested(data);
        writer.EndNested(element);
    }

    private protected abstract void WriteData(ref NetlinkWriter writer);
}
