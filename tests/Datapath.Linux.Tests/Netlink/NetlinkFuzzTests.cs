using System.Buffers.Binary;
using System.Net.Sockets;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Tests.Netlink;

/// <summary>Random bytes: only the declared exception may come out, and nothing may be read outside of the buffer.</summary>
public class NetlinkFuzzTests
{
    private const int Rounds = 40_000;

    private static readonly Dictionary<string, NetlinkMessageHandler> s_readers = new()
    {
        ["acknowledgement"] = static message => NetlinkAck.Read(message),
        ["link"] = static message => NetworkLinkReader.Read(message),
        ["address"] = static message => RouteNetlink.ReadAddress(message),
        ["statistics"] = static message => NetworkLinkReader.ReadStatistics(message),
        ["route"] = static message => NetworkRouteReader.ReadAny(message),
        ["neighbour"] = static message => NetworkNeighbourReader.Read(message),
        ["forwarding entry"] = static message => ForwardingEntryReader.Read(message),
        ["rule"] = static message => NetworkRuleReader.Read(message),
        ["queue"] = static message => TrafficControlReader.ReadQueue(message),
        ["class"] = static message => TrafficControlReader.ReadClass(message),
        ["filter"] = static message => TrafficControlReader.ReadFilter(message),
        ["change"] = static message => NetworkChangeReader.Read(message, (NetworkChanges)(-1)),
        ["comment"] = static message => NftComment.Read(message),
        ["image"] = static message => default(NftImage).With(message, static _ => false).WithElements(message),
        ["socket"] = static message => InetSocket.TryRead(message, (byte)ProtocolType.Tcp, out _),
        ["tree"] = static message => ReadTree(message.Attributes(0), depth: 0),
    };

    private static readonly ushort[] s_types =
    [
        Nl.NLMSG_ERROR, Nl.NLMSG_DONE, Rtnl.RTM_NEWLINK, Rtnl.RTM_NEWADDR, Rtnl.RTM_NEWROUTE, RtnlNeighbours.RTM_NEWNEIGH, RtnlRules.RTM_NEWRULE,
        RtnlTc.RTM_NEWQDISC, RtnlTc.RTM_NEWTCLASS, RtnlTc.RTM_NEWTFILTER, SockDiag.SOCK_DIAG_BY_FAMILY, 0x1234,
    ];

    private static readonly byte[] s_families = [Libc.AF_INET, Libc.AF_INET6, RtnlNeighbours.AF_BRIDGE, 0, 0xff];
    private static readonly int[] s_headerLengths = [0, 4, 8, 12, 16, 20, 72];
    private static readonly int[] s_valueLengths = [0, 1, 3, 4, 4, 4, 8, 16];

    [Test]
    public void Reading_any_bytes_ends_or_throws_the_declared_exception([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var read = s_readers.Keys.ToDictionary(static name => name, static _ => 0);
        var refused = s_readers.Keys.ToDictionary(static name => name, static _ => 0);
        for (var round = 0; round < Rounds; round++)
        {
            // The array is exactly as long as the datagram, so that a read behind it is an exception that is not declared.
            var datagram = new byte[random.Next(0, 160)];
            random.NextBytes(datagram);
            MakePlausible(datagram, random);
            foreach (var (name, reader) in s_readers)
            {
                try
                {
                    ReadAll(datagram, reader);
                    read[name]++;
                }
                catch (NetlinkFormatException)
                {
                    refused[name]++;
                }
            }
        }

        // Each way must have been taken often, or the bytes tell nothing.
        Assert.That(read.Values, Is.All.GreaterThan(500), string.Join(", ", read));
        Assert.That(refused.Values, Is.All.GreaterThan(500), string.Join(", ", refused));
    }

    // Purely random lengths fail in the first header; mostly right ones lead the readers inside.
    private static void MakePlausible(Span<byte> datagram, Random random)
    {
        if (datagram.Length < 16 || random.Next(8) == 0)
            return;
        BinaryPrimitives.WriteInt32LittleEndian(datagram, random.Next(8) > 0 ? datagram.Length : random.Next(0, 200));
        BinaryPrimitives.WriteUInt16LittleEndian(datagram[4..], random.GetItems(s_types, 1)[0]);
        if (datagram.Length > 17)
            (datagram[16], datagram[17]) = (random.GetItems(s_families, 1)[0], (byte)random.Next(0, 40));

        var at = 16 + random.GetItems(s_headerLengths, 1)[0];
        while (at + 4 <= datagram.Length)
        {
            var length = random.Next(12) == 0 ? random.Next(0, 80) : 4 + random.GetItems(s_valueLengths, 1)[0];
            if (at + length > datagram.Length && random.Next(4) > 0)
                length = datagram.Length - at;
            BinaryPrimitives.WriteUInt16LittleEndian(datagram[at..], (ushort)length);
            BinaryPrimitives.WriteUInt16LittleEndian(datagram[(at + 2)..], (ushort)random.Next(0, 20));
            at += Nl.Align(Math.Max(length, 4));
        }
    }

    private static void ReadAll(byte[] datagram, NetlinkMessageHandler read)
    {
        var reader = new NetlinkMessageReader(datagram);
        while (reader.TryRead(out var message))
            read(message);
    }

    private static void ReadTree(NetlinkAttributeReader attributes, int depth)
    {
        foreach (var attribute in attributes)
        {
            attribute.AsString();
            if (depth < 3 && attribute.Value.Length >= 8)
                ReadTree(attribute.Nested(), depth + 1);
        }
    }
}
