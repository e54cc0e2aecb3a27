using System.Buffers.Binary;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Tests.Netlink;

public class NetlinkReaderTests
{
    [Test]
    public void Several_messages_in_a_datagram_are_read_in_order()
    {
        byte[] datagram = [.. Message(16, [1, 2, 3, 4]), .. Message(17, []), .. Message(18, [9])];
        var reader = new NetlinkMessageReader(datagram);
        var seen = new List<(int Type, int Length)>();
        while (reader.TryRead(out var message))
            seen.Add((message.Type, message.Payload.Length));

        Assert.That(seen, Is.EqualTo(new[] { (16, 4), (17, 0), (18, 1) }));
    }

    [TestCase("0F000000", "says 15 bytes", Description = "shorter than its own header")]
    [TestCase("11000000", "16 are left", Description = "longer than the datagram")]
    [TestCase("FFFFFFFF", "says 4294967295 bytes", Description = "negative, if it were signed")]
    public void A_wrong_length_is_named(string length, string reason)
    {
        byte[] datagram = [.. Convert.FromHexString(length), .. new byte[12]];
        Assert.That(() => new NetlinkMessageReader(datagram).TryRead(out _), Throws.TypeOf<NetlinkFormatException>().With.Message.Contains(reason));
    }

    [TestCase("0300" + "0100", "says 3 bytes")]
    [TestCase("0900" + "0100" + "00000000", "8 are left")]
    [TestCase("0400", "2 bytes are left")]
    public void A_wrong_length_of_an_attribute_is_named(string attribute, string reason)
    {
        var bytes = Convert.FromHexString(attribute);
        Assert.That(() => new NetlinkAttributeReader(bytes).MoveNext(), Throws.TypeOf<NetlinkFormatException>().With.Message.Contains(reason));
    }

    [Test]
    public void A_value_too_short_for_its_type_is_refused()
    {
        Assert.That(() => new NetlinkAttribute(4, [1, 2]).As<uint>(), Throws.TypeOf<NetlinkFormatException>().With.Message.Contains("2 bytes where a UInt32 takes 4"));
        Assert.That(() => new NetlinkAttribute(4, [1, 2]).AsAddress(), Throws.TypeOf<NetlinkFormatException>());
    }

    [Test]
    public void An_acknowledgement_has_the_words_and_the_offset_of_the_kernel()
    {
        byte[] capped = [.. Int(-17), .. new byte[16], .. Attribute(1, "File exists, really\0"u8), .. Attribute(2, Int(28))];
        Assert.That(ReadAck(capped, Nl.NLM_F_CAPPED | Nl.NLM_F_ACK_TLVS), Is.EqualTo((Errno.EEXIST, "File exists, really", 28)));

        // Not capped: the request of 24 bytes comes back before the attributes.
        byte[] whole = [.. Int(-22), .. Message(20, new byte[8]), .. Attribute(1, "no\0"u8)];
        Assert.That(ReadAck(whole, Nl.NLM_F_ACK_TLVS), Is.EqualTo((Errno.EINVAL, "no", (int?)null)));

        Assert.That(ReadAck([.. Int(0), .. new byte[16]], Nl.NLM_F_CAPPED), Is.EqualTo((Errno.None, (string?)null, (int?)null)));
    }

    [Test]
    public void A_route_tells_what_it_puts_round_packets_also_of_each_of_several_ways()
    {
        byte[] hop = [16, 0, 0, 0, 7, 0, 0, 0, .. Attribute(Rtnl.RTA_ENCAP_TYPE, [6, 0])]; // struct rtnexthop: its length, flags, weight, interface
        byte[] header = [2, 24, 0, 8, 254, 4, 0, 1, 0, 0, 0, 0];
        var single = ReadRoute([.. header, .. Attribute(Rtnl.RTA_DST, [198, 51, 100, 0]), .. Attribute(Rtnl.RTA_ENCAP_TYPE, [1, 0])]);
        var several = ReadRoute([.. header, .. Attribute(Rtnl.RTA_DST, [198, 51, 100, 0]), .. Attribute(Rtnl.RTA_MULTIPATH, hop)]);
        Assert.That((single.Encapsulation, single.TypeOfService), Is.EqualTo((RouteEncapsulation.Mpls, 8)));
        Assert.That((several.Encapsulation, several.NextHops[0].Encapsulation), Is.EqualTo((RouteEncapsulation.None, RouteEncapsulation.Bpf)));
    }

    private static (Errno Errno, string? Message, int? Offset) ReadAck(byte[] payload, int flags)
    {
        var ack = NetlinkAck.Read(new(new NlMsgHdr { Type = Nl.NLMSG_ERROR, Flags = (ushort)flags }, payload));
        return (ack.Errno, ack.Message, ack.Offset);
    }

    private static NetworkRoute ReadRoute(byte[] payload) => NetworkRouteReader.Read(new(new NlMsgHdr { Type = Rtnl.RTM_NEWROUTE }, payload))!;

    private static byte[] Message(ushort type, ReadOnlySpan<byte> payload)
    {
        var message = new byte[Nl.Align(16 + payload.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(message, 16 + payload.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        payload.CopyTo(message.AsSpan(16));
        return message;
    }

    private static byte[] Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        var attribute = new byte[Nl.Align(4 + value.Length)];
        BinaryPrimitives.WriteUInt16LittleEndian(attribute, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(2), type);
        value.CopyTo(attribute.AsSpan(4));
        return attribute;
    }

    private static byte[] Int(int value) => BitConverter.GetBytes(value);
}
