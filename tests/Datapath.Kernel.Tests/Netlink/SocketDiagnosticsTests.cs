using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux.Namespaces;
using Datapath.Linux.Netlink;

namespace Datapath.Kernel.Tests.Netlink;

public class SocketDiagnosticsTests
{
    private static readonly InetSocketQuery s_tcp = new(ProtocolType.Tcp);
    private static readonly InetSocketQuery s_udp = new(ProtocolType.Udp);

    private NetworkNamespace _net = null!;
    private SocketDiagnostics _sockets = null!;

    [SetUp]
    public void MakeNamespace()
    {
        _net = NetworkNamespace.Create();
        _sockets = _net.OpenSocketDiagnostics();
    }

    [TearDown]
    public void DropNamespace()
    {
        _sockets.Dispose();
        _net.Dispose();
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public void A_connection_is_listed_at_both_ends_with_its_facts(string address)
    {
        using var pair = new TcpPair(_net, IPAddress.Parse(address));
        pair.Client.SetRawSocketOption(1, 36, BitConverter.GetBytes(0xbeef)); // SO_MARK

        var client = _sockets.List(s_tcp with { LocalPort = Port(pair.Client.LocalEndPoint) }).Single();
        Assert.Multiple(() =>
        {
            Assert.That(client.Protocol, Is.EqualTo(ProtocolType.Tcp));
            Assert.That(client.Family, Is.EqualTo(pair.Client.AddressFamily));
            Assert.That(client.State, Is.EqualTo(InetSocketStates.Established));
            Assert.That(client.LocalEndPoint, Is.EqualTo(pair.Client.LocalEndPoint));
            Assert.That(client.RemoteEndPoint, Is.EqualTo(pair.Client.RemoteEndPoint));
            Assert.That(client.Mark, Is.EqualTo(0xbeef));
            Assert.That(client.Cookie, Is.EqualTo(CookieOf(pair.Client)));
            Assert.That($"socket:[{client.Inode}]", Is.EqualTo(new FileInfo($"/proc/self/fd/{pair.Client.Handle}").LinkTarget));
            Assert.That(client.Uid, Is.Zero);
            Assert.That(client.CgroupId, Is.GreaterThan(0));
            Assert.That(client.ToString(), Is.EqualTo($"Tcp {pair.Client.LocalEndPoint} {pair.Client.RemoteEndPoint} Established"));
        });
        var server = _sockets.List(s_tcp with { RemotePort = client.LocalPort }).Single();
        Assert.That((server.LocalEndPoint, server.RemoteEndPoint), Is.EqualTo((client.RemoteEndPoint, client.LocalEndPoint)));
        Assert.That(_sockets.List(s_tcp with { States = InetSocketStates.Listen }).Single().LocalPort, Is.EqualTo(client.RemotePort));
    }

    [Test]
    public void Udp_sockets_and_what_they_are_bound_to_are_listed()
    {
        using var socket = _net.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.SetRawSocketOption(1, 25, "lo\0"u8); // SO_BINDTODEVICE
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 5353));
        using var connected = _net.Run(static () => new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp));
        connected.Connect(IPAddress.IPv6Loopback, 53);

        var listed = _sockets.List(s_udp);
        Assert.That(listed.Select(static s => (s.State, s.LocalEndPoint.ToString(), s.RemoteEndPoint.ToString(), s.InterfaceIndex)), Is.EqualTo(new[]
        {
            (InetSocketStates.Closed, "127.0.0.1:5353", "0.0.0.0:0", 1),
            (InetSocketStates.Established, connected.LocalEndPoint!.ToString(), "[::1]:53", 0),
        }));
        Assert.That(_sockets.List(s_tcp), Is.Empty);
        Assert.That(_sockets.List(s_udp with { Family = AddressFamily.InterNetworkV6 }).Single().RemotePort, Is.EqualTo(53));
        Assert.That(_sockets.List(s_udp with { States = InetSocketStates.Closed }).Single().LocalPort, Is.EqualTo(5353));
    }

    [Test]
    public void Conditions_on_addresses_are_met_by_both_ends_of_their_own()
    {
        using var first = new TcpPair(_net, IPAddress.Parse("127.0.0.1"));
        using var second = new TcpPair(_net, IPAddress.Parse("127.1.0.1"));
        using var third = new TcpPair(_net, IPAddress.IPv6Loopback);
        var established = s_tcp with { States = InetSocketStates.Established };

        Assert.That(_sockets.List(established), Has.Count.EqualTo(6));
        Assert.That(_sockets.List(established with { RemoteNetwork = IPNetwork.Parse("127.1.0.0/16") }).Single().RemoteEndPoint, Is.EqualTo(second.Client.RemoteEndPoint));
        Assert.That(_sockets.List(established with { LocalNetwork = IPNetwork.Parse("127.1.0.1/32") }).Single().LocalEndPoint, Is.EqualTo(second.Client.RemoteEndPoint));
        Assert.That(_sockets.List(established with { RemoteNetwork = IPNetwork.Parse("::1/128") }), Has.Count.EqualTo(2));
        Assert.That(_sockets.List(established with { LocalNetwork = IPNetwork.Parse("127.0.0.0/8"), RemoteNetwork = IPNetwork.Parse("127.1.0.0/16") }), Has.Count.EqualTo(1));
        Assert.That(_sockets.List(established with { LocalNetwork = IPNetwork.Parse("127.1.0.0/16"), RemoteNetwork = IPNetwork.Parse("127.1.0.0/16") }), Is.Empty);
    }

    [Test]
    public void An_IPv4_network_matches_the_IPv4_connections_of_IPv6_sockets()
    {
        using var listener = _net.Run(static () => TcpListener.Create(0));
        listener.Start();
        using var client = _net.Run(static () => new TcpClient(AddressFamily.InterNetwork));
        client.Connect(IPAddress.Loopback, Port(listener.LocalEndpoint));
        using var server = listener.AcceptTcpClient();

        var found = _sockets.List(s_tcp with { Family = AddressFamily.InterNetworkV6, RemoteNetwork = IPNetwork.Parse("127.0.0.0/8") }).Single();
        Assert.That((found.RemoteAddress.MapToIPv4(), found.RemotePort), Is.EqualTo((IPAddress.Loopback, Port(client.Client.LocalEndPoint))));
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public void A_destroyed_connection_fails_at_both_ends_and_is_gone(string address)
    {
        using var pair = new TcpPair(_net, IPAddress.Parse(address));
        var client = _sockets.List(s_tcp with { LocalPort = Port(pair.Client.LocalEndPoint) }).Single();

        Assert.That(_sockets.Destroy(client), Is.True);
        Assert.That(ErrorOf(() => pair.Client.Receive(new byte[1])), Is.EqualTo(SocketError.ConnectionAborted));
        Assert.That(ErrorOf(() => pair.Server.Receive(new byte[1])), Is.EqualTo(SocketError.ConnectionReset));
        Assert.That(_sockets.Destroy(client), Is.False);
        Assert.That(_sockets.List(s_tcp with { LocalPort = client.LocalPort }), Is.Empty);
    }

    [Test]
    public void A_destroyed_udp_socket_fails_and_its_successor_is_left_alone()
    {
        var port = 0;
        InetSocket old;
        using (var socket = ConnectUdp())
        {
            port = Port(socket.LocalEndPoint);
            old = _sockets.List(s_udp with { LocalPort = port }).Single();
            Assert.That(_sockets.Destroy(old), Is.True);
            Assert.That(ErrorOf(() => socket.Receive(new byte[1])), Is.EqualTo(SocketError.ConnectionAborted));
        }

        using var successor = ConnectUdp(port);
        Assert.That(_sockets.Destroy(old), Is.False);
        Assert.That(_sockets.List(s_udp with { LocalPort = port }).Single().Cookie, Is.EqualTo(CookieOf(successor)).And.Not.EqualTo(old.Cookie));
    }

    [Test]
    public void All_connections_to_an_address_are_destroyed_and_no_others()
    {
        using var gone = new TcpPair(_net, IPAddress.Parse("127.1.0.1"), connections: 20);
        using var stays = new TcpPair(_net, IPAddress.Parse("127.0.0.1"));

        Assert.That(_sockets.DestroyAll(s_tcp with { RemoteNetwork = IPNetwork.Parse("127.1.0.1/32"), RemotePort = Port(gone.Client.RemoteEndPoint) }), Is.EqualTo(20));
        Assert.That(ErrorOf(() => gone.Client.Receive(new byte[1])), Is.EqualTo(SocketError.ConnectionAborted));
        Assert.That(stays.Client.Send("x"u8), Is.EqualTo(1));
        Assert.That(stays.Server.Receive(new byte[1]), Is.EqualTo(1));
    }

    [Test]
    [LoadTest]
    public void A_scan_allocates_nothing_per_socket()
    {
        using var pair = new TcpPair(_net, IPAddress.Loopback, connections: 300);
        var query = s_tcp with { States = InetSocketStates.Established };
        var counter = default(Counter);
        _sockets.Scan(query, ref counter); // whatever is made once
        counter = default;
        var before = GC.GetAllocatedBytesForCurrentThread();
        _sockets.Scan(query, ref counter);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(counter.Count, Is.EqualTo(600));
    }

    [Test]
    [LoadTest]
    public void A_visitor_that_throws_or_scans_again_leaves_the_socket_usable()
    {
        using var pair = new TcpPair(_net, IPAddress.Loopback, connections: 300);
        var throwing = new Caller(static () => throw new InvalidTimeZoneException());
        Assert.That(() => _sockets.Scan(s_tcp, ref throwing), Throws.TypeOf<InvalidTimeZoneException>());
        var nested = new Caller(() => _sockets.List(s_tcp));
        Assert.That(() => _sockets.Scan(s_tcp, ref nested), Throws.InvalidOperationException);
        Assert.That(_sockets.List(s_tcp with { States = InetSocketStates.Established }), Has.Count.EqualTo(600));
    }

    [Test]
    public void What_cannot_be_asked_is_a_mistake_of_the_caller()
    {
        Assert.That(() => _sockets.List(new(ProtocolType.Icmp)), Throws.ArgumentException);
        Assert.That(() => _sockets.List(s_tcp with { LocalPort = 65536 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _sockets.List(s_tcp with { Family = AddressFamily.Unix }), Throws.ArgumentException);
        Assert.That(() => _sockets.Destroy(default), Throws.InstanceOf<ArgumentException>());
    }

    private static int Port(EndPoint? endPoint) => ((IPEndPoint)endPoint!).Port;

    private static ulong CookieOf(Socket socket)
    {
        var cookie = new byte[8];
        socket.GetRawSocketOption(1, 57, cookie); // SO_COOKIE
        return BitConverter.ToUInt64(cookie);
    }

    private static SocketError ErrorOf(Action action) => Assert.Throws<SocketException>(() => action())!.SocketErrorCode;

    private Socket ConnectUdp(int port = 0)
    {
        var socket = _net.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Connect(IPAddress.Loopback, 9);
        return socket;
    }

    private struct Counter : IInetSocketVisitor
    {
        public int Count { get; private set; }

        public void Visit(in InetSocket socket) => Count++;
    }

    private readonly struct Caller(Action action) : IInetSocketVisitor
    {
        public void Visit(in InetSocket socket) => action();
    }

    /// <summary>A listener and connections to it; the first is given out.</summary>
    private sealed class TcpPair : IDisposable
    {
        private readonly List<Socket> _all = [];

        public TcpPair(NetworkNamespace net, IPAddress address, int connections = 1)
        {
            var listener = Make(net, address);
            listener.Bind(new IPEndPoint(address, 0));
            listener.Listen();
            for (var i = 0; i < connections; i++)
            {
                // Named, so that which end has which address is known: the kernel would take 127.1.0.1 for both.
                var client = Make(net, address);
                client.Bind(new IPEndPoint(address.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Loopback : address, 0));
                client.Connect(listener.LocalEndPoint!);
                var server = listener.Accept();
                server.ReceiveTimeout = client.ReceiveTimeout = 10_000;
                _all.Add(server);
                if (i == 0)
                    (Client, Server) = (client, server);
            }
        }

        public Socket Client { get; } = null!;

        public Socket Server { get; } = null!;

        public void Dispose()
        {
            foreach (var socket in _all)
                socket.Dispose();
        }

        private Socket Make(NetworkNamespace net, IPAddress address)
        {
            var socket = net.Run(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
            _all.Add(socket);
            return socket;
        }
    }
}
