namespace Datapath.Linux.Netlink;

/// <content>What tells whether somebody else changed a table.</content>
internal sealed partial class NftNetlink
{
    /// <summary>By which others are told that a change came from here.</summary>
    /// <exception cref="LinuxException">No number is left.</exception>
    public uint ReadPortId() => _socket.ReadPortId();

    /// <summary>The number of transactions that the network namespace has seen, of whatever table. It begins anew after the largest, and is never 0.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public uint ReadGeneration()
    {
        var generation = 0u;
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_NFTABLES, Nft.NFT_MSG_GETGEN));
        request.Add(new NfGenMsg(Nfnl.NFPROTO_UNSPEC));
        var ack = _socket.Execute(ref request, message =>
        {
            foreach (var attribute in message.AttributesAfter<NfGenMsg>())
            {
                if (attribute.Type is Nft.NFTA_GEN_ID)
                    generation = attribute.AsBigEndian<uint>();
            }
        });
        NetlinkException.ThrowIfFailed(ack, $"read the generation of nf_tables");
        return generation;
    }

    /// <summary>What a table holds.</summary>
    /// <exception cref="NetlinkException">There is no such table, or it went while it was read (ENOENT), or the kernel refused.</exception>
    public NftImage ReadImage(string table)
    {
        var image = default(NftImage);
        Look(Nft.NFT_MSG_GETTABLE, $"table '{table}'", Nft.NFTA_TABLE_NAME, type => type is Nft.NFTA_TABLE_USE);
        Look(Nft.NFT_MSG_GETCHAIN, $"chains of table '{table}'", Nft.NFTA_CHAIN_TABLE, type => type is Nft.NFTA_CHAIN_USE or Nft.NFTA_CHAIN_COUNTERS);
        Look(Nft.NFT_MSG_GETRULE, $"rules of table '{table}'", Nft.NFTA_RULE_TABLE, static _ => false);
        Look(Nft.NFT_MSG_GETSET, $"sets of table '{table}'", Nft.NFTA_SET_TABLE, static _ => false);
        foreach (var set in ListSets(table))
            image = ReadElements(table, set, image);
        return image;

        void Look(byte message, string what, ushort tableAttribute, Predicate<ushort> isLeftOut)
        {
            var before = image;
            var request = Begin(stackalloc byte[RequestLength], message);
            request.Add(tableAttribute, table); // of rules the kernel tells no others then
            var ack = _socket.Dump(ref request, () => image = before, found =>
            {
                if (Text(found, tableAttribute) == table)
                    image = image.With(found, isLeftOut);
            });
            NetlinkException.ThrowIfFailed(ack, $"list {what}");
        }
    }

    private NftImage ReadElements(string table, string set, NftImage before)
    {
        var image = before;
        var request = Begin(stackalloc byte[RequestLength], Nft.NFT_MSG_GETSETELEM);
        request.Add(Nft.NFTA_SET_ELEM_LIST_TABLE, table);
        request.Add(Nft.NFTA_SET_ELEM_LIST_SET, set);
        var ack = _socket.Dump(ref request, () => image = before, message => image = image.WithElements(message));
        NetlinkException.ThrowIfFailed(ack, $"list the elements of set '{set}' of table '{table}'");
        return image;
    }
}
