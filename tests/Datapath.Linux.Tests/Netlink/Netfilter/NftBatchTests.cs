using Datapath.Linux.Netlink;

namespace Datapath.Linux.Tests.Netlink.Netfilter;

public class NftBatchTests
{
    [Test]
    public void A_batch_stands_between_a_message_that_opens_and_one_that_closes_it()
    {
        var batch = new NftBatch("t");
        batch.AddTable();
        Assert.That(Convert.ToHexString(batch.Complete()), Is.EqualTo(
            "14000000" + "1000" + "0100" + "00000000" + "00000000" + "0000000A" + // opens: length 20, type 16, a request, part 10
            "24000000" + "000A" + "0104" + "00000000" + "00000000" + "01000000" + // new table of the family inet
            "0600" + "0100" + "74000000" +
            "0800" + "0200" + "00000000" + // awake
            "14000000" + "1100" + "0100" + "00000000" + "00000000" + "0000000A"));
    }

    [Test]
    public void The_comment_of_a_table_is_where_nft_keeps_it_and_is_read_from_there()
    {
        var batch = new NftBatch("t");
        batch.AddTable("/bpf");
        Assert.That(Convert.ToHexString(Body(batch, 1)), Is.EqualTo(
            "0600" + "0100" + "74000000" +
            "0800" + "0200" + "00000000" +
            "0B00" + "0600" + "00" + "05" + "2F62706600" + "00")); // a comment of five bytes with its end
        Assert.That(CommentOf("0B000600" + "00052F62706600" + "00"), Is.EqualTo("/bpf"));
    }

    [TestCase("06000100" + "74000000", ExpectedResult = null, TestName = "A table without a comment")]
    [TestCase("0B000600" + "0103AABB00" + "0000" + "00", ExpectedResult = "", TestName = "One behind something else")]
    [TestCase("06000600" + "0005" + "0000", ExpectedResult = null, TestName = "One that is cut off")]
    [TestCase("05000600" + "00" + "000000", ExpectedResult = null, TestName = "One without a length")]
    public string? What_others_wrote_is_read_as_far_as_it_is_one(string attributes) => CommentOf(attributes);

    [Test]
    public void A_rule_is_a_list_of_its_parts()
    {
        var batch = new NftBatch("t");
        batch.AddRule("c", new NftMeta(Nft.NFT_META_NFPROTO, new(0)), new NftDecide(NftVerdict.GoTo("d")));
        Assert.That(Convert.ToHexString(Body(batch, 1)), Is.EqualTo(
            "0600" + "0100" + "74000000" + // the table
            "0600" + "0200" + "63000000" + // the chain
            "6000" + "0480" +
            "2400" + "0180" + "0900" + "0100" + "6D65746100000000" + // meta
            "1400" + "0280" + "0800" + "0100" + "00000008" + "0800" + "0200" + "0000000F" + // the family, to the first register
            "3800" + "0180" + "0E00" + "0100" + "696D6D65646961746500" + "0000" + // immediate
            "2400" + "0280" + "0800" + "0100" + "00000000" + // to the register of verdicts
            "1800" + "0280" + "1400" + "0280" + "0800" + "0100" + "FFFFFFFC" + "0600" + "0200" + "64000000"));
    }

    [Test]
    public void Many_elements_take_many_messages_and_none_is_lost()
    {
        const int Count = 5000;
        var batch = new NftBatch("t");
        using (var elements = batch.AddElements("s"))
        {
            for (var i = 0; i < Count; i++)
                elements.Add(BitConverter.GetBytes(i), BitConverter.GetBytes(1));
        }

        var keys = new List<int>();
        var messages = 0;
        var reader = new NetlinkMessageReader(batch.Complete());
        while (reader.TryRead(out var message))
        {
            if (message.Type != Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_NFTABLES, Nft.NFT_MSG_NEWSETELEM))
                continue;
            messages++;
            Assert.That(message.Payload.Length, Is.LessThan(ushort.MaxValue));
            foreach (var attribute in message.AttributesAfter<NfGenMsg>())
            {
                if (attribute.Type is Nft.NFTA_SET_ELEM_LIST_ELEMENTS)
                    ReadKeys(attribute, keys);
            }
        }

        Assert.That(messages, Is.GreaterThan(1));
        Assert.That(keys, Is.EqualTo(Enumerable.Range(0, Count)));
    }

    [Test]
    public void A_batch_knows_what_each_message_asks_for()
    {
        var batch = new NftBatch("nat");
        Assert.That(batch.IsEmpty);
        batch.AddTable();
        batch.AddSet(new("devices", NftType.InterfaceName));
        using (var elements = batch.AddElements("devices"))
            elements.Add(new byte[16]);
        batch.AddRule("post");
        Assert.That(batch.IsEmpty, Is.False);
        Assert.That(Enumerable.Range(0, 5).Select(batch.Describe), Is.EqualTo(new[]
        {
            "change table 'nat'", "add table 'nat'", "add set 'devices' of table 'nat'", "add elements to set 'devices' of table 'nat'",
            "add a rule to chain 'post' of table 'nat'",
        }));
    }

    [Test]
    public void A_register_is_one_of_sixteen() => Assert.Multiple(static () =>
    {
        Assert.That(new NftRegister(15).Number, Is.EqualTo(23));
        Assert.That(static () => new NftRegister(16), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(static () => new NftRegister(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
    });

    private static string? CommentOf(string attributes)
    {
        byte[] payload = [1, 0, 0, 0, .. Convert.FromHexString(attributes)];
        return NftComment.Read(new(new NlMsgHdr { Type = Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_NFTABLES, Nft.NFT_MSG_NEWTABLE) }, payload));
    }

    private static void ReadKeys(NetlinkAttribute list, List<int> keys)
    {
        foreach (var element in list.Nested())
        {
            foreach (var part in element.Nested())
            {
                if (part.Type is not Nft.NFTA_SET_ELEM_KEY)
                    continue;
                foreach (var value in part.Nested())
                    keys.Add(value.As<int>());
            }
        }
    }

    // The attributes of a message, from 0 for the one that opens.
    private static byte[] Body(NftBatch batch, int number)
    {
        var reader = new NetlinkMessageReader(batch.Complete());
        NetlinkMessage message = default;
        for (var i = 0; i <= number; i++)
            Assert.That(reader.TryRead(out message));
        return message.Payload[4..].ToArray();
    }
}
