namespace Datapath.Linux.Netlink;

/// <summary>Writes values of registers and sets.</summary>
internal static class NftData
{
    internal static void Write(ref NetlinkWriter writer, ushort type, scoped ReadOnlySpan<byte> value)
    {
        var data = writer.BeginNested(type);
        writer.Add(Nft.NFTA_DATA_VALUE, value);
        writer.EndNested(data);
    }
}
