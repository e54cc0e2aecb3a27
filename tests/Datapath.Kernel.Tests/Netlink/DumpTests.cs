using System.Net;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class DumpTests
{
    private const int Count = 1000;

    private NetworkNamespace _net = null!;
    private RouteNetlink _route = null!;
    private int _index;

    private static IEnumerable<IPAddress> Addresses => Enumerable.Range(0, Count).Select(static i => new IPAddress([10, 0, (byte)(i >> 8), (byte)i]));

    [SetUp]
    public void MakeLargeTable()
    {
        _net = NetworkNamespace.Create();
        _route = _net.OpenRouteNetlink();
        _index = _route.CreateVeth("a", "b");
        foreach (var address in Addresses)
            _route.AddAddress(_index, address, 32);
    }

    [TearDown]
    public void DropNamespace()
    {
        _route.Dispose();
        _net.Dispose();
    }

    [Test]
    [LoadTest]
    public void A_large_table_comes_in_many_datagrams_and_is_complete() =>
        Assert.That(_route.ListAddresses(_index).Select(static item => item.Address), Is.EquivalentTo(Addresses));

    [Test]
    public void A_table_that_changes_while_it_is_read_is_read_again()
    {
        var (addresses, attempts) = (new List<NetworkAddress>(), 0);
        var ack = Dump(() => attempts++, addresses, changes: 2);
        Assert.That((ack.Errno, attempts), Is.EqualTo((Errno.None, 3)));
        Assert.That(addresses, Has.Count.EqualTo(1 + Count + 2), "only what the last attempt read: loopback, the table, and what was added meanwhile");
    }

    [Test]
    public void A_table_that_changes_each_time_is_said_to_be_so()
    {
        var ack = Dump(static () => { }, [], changes: int.MaxValue);
        Assert.That(ack.Errno, Is.EqualTo(Errno.EINTR));
        Assert.That(_route.ListAddresses(), Has.Count.GreaterThan(Count), "the next listing is not disturbed");
    }

    // Adds an address, through another socket, in the midst of each of the first attempts.
    private NetlinkAck Dump(Action count, List<NetworkAddress> addresses, int changes)
    {
        using var socket = _net.Run(static () => new NetlinkSocket(Nl.NETLINK_ROUTE));
        var request = new NetlinkWriter(stackalloc byte[64], Rtnl.RTM_GETADDR);
        request.Add(new IfAddrMsg { Family = Libc.AF_INET });
        return socket.Dump(
            ref request,
            restart: () =>
            {
                count();
                addresses.Clear();
            },
            take: message =>
            {
                addresses.Add(RouteNetlink.ReadAddress(message)!);
                if (addresses.Count == 1 && changes-- > 0)
                    _route.AddAddress(_index, new IPAddress([10, 1, 0, (byte)changes]), 32);
            });
    }
}
