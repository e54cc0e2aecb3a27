using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>A TCP connection or two connected UDP sockets that go on talking.</summary>
internal sealed class Talk : IDisposable
{
    private const int Patience = 10_000;
    private readonly Socket _client;
    private readonly Socket _server;
    private int _said;

    /// <param name="dialed">What the client dials, if that is a service which leads to the address.</param>
    public Talk(
        NetworkNamespace caller, NetworkNamespace callee, IPAddress address, ProtocolType protocol, int port = 0, int sourcePort = 0, IPAddress? source = null, IPEndPoint? dialed = null)
    {
        var type = protocol is ProtocolType.Tcp ? SocketType.Stream : SocketType.Dgram;
        var listener = callee.Run(() =>
        {
            var socket = new Socket(address.AddressFamily, type, protocol);
            socket.Bind(new IPEndPoint(address, port));
            if (type is SocketType.Stream)
                socket.Listen();
            return socket;
        });
        Address = (IPEndPoint)listener.LocalEndPoint!;
        _client = caller.Run(() =>
        {
            var socket = new Socket(address.AddressFamily, type, protocol) { ReceiveTimeout = Patience, SendTimeout = Patience };
            socket.Bind(new IPEndPoint(source ?? (address.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any), sourcePort));
            socket.Connect(dialed ?? Address);
            return socket;
        });
        if (type is SocketType.Stream)
        {
            _server = listener.Accept();
            listener.Dispose();
        }
        else
        {
            _server = listener;
            EndPoint from = new IPEndPoint(address, 0);
            _ = _client.Send([0]);
            _server.ReceiveTimeout = Patience;
            _ = _server.ReceiveFrom(new byte[1], ref from);
            _server.Connect(from);
        }

        _server.ReceiveTimeout = Patience;
    }

    /// <summary>Where the server is.</summary>
    public IPEndPoint Address { get; }

    /// <summary>The client's socket.</summary>
    public Socket Caller => _client;

    /// <summary>The server's.</summary>
    public Socket Called => _server;

    /// <summary>The client as the server sees it.</summary>
    public IPEndPoint Client => (IPEndPoint)_server.RemoteEndPoint!;

    /// <summary>Both say something, the client or the server first: so many bytes, each of which tells its place in all that was said.</summary>
    public void Exchange(bool isServerFirst = false, int length = 1)
    {
        Say(isServerFirst ? _server : _client, isServerFirst ? _client : _server, length);
        Say(isServerFirst ? _client : _server, isServerFirst ? _server : _client, length);
    }

    /// <summary>The client says something and waits, though the server says nothing.</summary>
    public void SpeakAlone()
    {
        _ = _client.Send([Next()]);
        _ = _client.Receive(new byte[1]);
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    // A period that no length of packets or buffers has.
    private byte Next() => (byte)(_said++ % 251);

    private void Say(Socket from, Socket to, int length)
    {
        var (said, heard) = (new byte[length], new byte[length]);
        foreach (ref var place in said.AsSpan())
            place = Next();
        _ = from.Send(said);
        for (var read = 0; read < length;)
        {
            var count = to.Receive(heard.AsSpan(read));
            Assert.That(count, Is.Positive, "the connection has ended");
            read += count;
        }

        Assert.That(heard, Is.EqualTo(said));
    }
}
