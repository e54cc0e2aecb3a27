using System.Net.Sockets;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Tests.Fuzzing;

/// <summary>Real datagrams of netlink, broken a little.</summary>
public class NetlinkMessageFuzzTests
{
    [Test]
    public void Broken_links_are_read_or_refused([Values(1, 2)] int seed) =>
        Run("links", static message => NetworkLinkReader.Read(message), 60_000, seed);

    [Test]
    public void Broken_addresses_are_read_or_refused([Values(1, 2)] int seed) =>
        Run("addresses", static message => RouteNetlink.ReadAddress(message), 60_000, seed);

    [Test]
    public void Broken_routes_are_read_or_refused([Values(1, 2)] int seed) =>
        Run("routes", static message => NetworkRouteReader.Read(message), 120_000, seed);

    [Test]
    public void Broken_sockets_are_read_or_refused([Values(1, 2)] int seed) =>
        Run("sockets", static message => InetSocket.TryRead(message, (byte)ProtocolType.Tcp, out _), 60_000, seed);

    [Test]
    public void Broken_acknowledgements_are_read_or_refused([Values(1, 2)] int seed) =>
        Run("refusal", static message => NetlinkAck.Read(message), 60_000, seed);

    private static void Run(string reader, NetlinkMessageHandler read, int cases, int seed) =>
        new FuzzRun<NetlinkFormatException>(reader, input => ReadAll(input, read)).Run(Corpus.Netlink(reader), cases, seed);

    private static void ReadAll(byte[] datagram, NetlinkMessageHandler read)
    {
        var reader = new NetlinkMessageReader(datagram);
        while (reader.TryRead(out var message))
            read(message);
    }
}
