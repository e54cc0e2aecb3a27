namespace Datapath.Linux.Netlink;

/// <summary>What a table of nf_tables holds, so that two looks can be compared: the table, chains, rules, sets and their elements. Not what counters count.</summary>
/// <param name="Items">How many things there are.</param>
/// <param name="Sum">The sum of their hashes, whatever their order.</param>
internal readonly record struct NftImage(int Items, ulong Sum)
{
    private const ulong Prime = 0x100_0000_01b3;
    private const ulong Basis = 0xcbf2_9ce4_8422_2325;

    /// <summary>One more message of a listing, with all that it says.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isLeftOut">The attributes that do not matter.</param>
    public NftImage With(NetlinkMessage message, Predicate<ushort> isLeftOut)
    {
        var hash = Start(message);
        foreach (var attribute in message.AttributesAfter<NfGenMsg>())
        {
            if (!isLeftOut(attribute.Type))
                hash = Add(Add(hash, attribute.Type), attribute.Value);
        }

        return new(Items + 1, Sum + hash);
    }

    /// <summary>The elements of a message, of which a set has as many as it needs.</summary>
    public NftImage WithElements(NetlinkMessage message)
    {
        var image = this;
        var set = Start(message);
        foreach (var attribute in message.AttributesAfter<NfGenMsg>())
        {
            if (attribute.Type is Nft.NFTA_SET_ELEM_LIST_SET)
                set = Add(set, attribute.Value);
        }

        foreach (var attribute in message.AttributesAfter<NfGenMsg>())
        {
            if (attribute.Type is not Nft.NFTA_SET_ELEM_LIST_ELEMENTS)
                continue;
            foreach (var element in attribute.Nested())
                image = new(image.Items + 1, image.Sum + Add(set, element.Value));
        }

        return image;
    }

    private static ulong Start(NetlinkMessage message) => Add(Basis, message.Type);

    private static ulong Add(ulong hash, ushort number) => (((hash ^ (byte)number) * Prime) ^ (byte)(number >> 8)) * Prime;

    private static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
            hash = (hash ^ value) * Prime;
        return hash;
    }
}
