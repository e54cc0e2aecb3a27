using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>A server that tells who called, on a free port of an address, for one call at a time.</summary>
internal sealed class Callee : IDisposable
{
    private const int Patience = 5_000;
    private readonly NetworkNamespace _network;
    private readonly Socket _socket;
    private readonly ProtocolType _protocol;

    public Callee(NetworkNamespace network, IPAddress address, ProtocolType protocol, int port = 0)
    {
        (_network, _protocol) = (network, protocol);
        _socket = network.Run(() =>
        {
            var socket = new Socket(address.AddressFamily, protocol is ProtocolType.Tcp ? SocketType.Stream : SocketType.Dgram, protocol) { ReceiveTimeout = Patience };
            socket.Bind(new IPEndPoint(address, port));
            if (protocol is ProtocolType.Tcp)
                socket.Listen();
            return socket;
        });
    }

    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Has a client in a namespace call and send some bytes, takes them and sends them back.</summary>
    /// <returns>Who called, as the server sees it.</returns>
    public IPEndPoint TakeFrom(NetworkNamespace caller, int sourcePort = 0, int length = 8, IPAddress? source = null)
    {
        using var client = Connect(caller, sourcePort, source);
        return Exchange(client, length);
    }

    /// <summary>Has a client in a namespace send a datagram, which is not answered.</summary>
    /// <returns>Who sent it, as the server sees it.</returns>
    public IPEndPoint See(NetworkNamespace caller)
    {
        using var client = Connect(caller);
        _ = client.Send([0]);
        EndPoint from = new IPEndPoint(Address.Address, 0);
        _ = _socket.ReceiveFrom(new byte[1], ref from);
        return (IPEndPoint)from;
    }

    /// <summary>Has a client in a namespace connect.</summary>
    public Socket Connect(NetworkNamespace caller, int sourcePort = 0, IPAddress? source = null) => caller.Run(() =>
    {
        var client = new Socket(Address.AddressFamily, _socket.SocketType, _protocol) { ReceiveTimeout = Patience, SendTimeout = Patience };
        client.Bind(new IPEndPoint(source ?? (Address.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any), sourcePort));
        client.Connect(Address);
        return client;
    });

    /// <summary>Has a connected client send some bytes, takes them and sends them back.</summary>
    public IPEndPoint Exchange(Socket client, int length = 8)
    {
        var sent = new byte[length];
        Random.Shared.NextBytes(sent);
        var received = new byte[length];
        if (_protocol is ProtocolType.Tcp)
        {
            using var accepted = _socket.Accept();
            accepted.ReceiveTimeout = Patience;
            Echo(client, accepted, sent, received);
            return (IPEndPoint)accepted.RemoteEndPoint!;
        }

        _ = client.Send(sent);
        EndPoint from = new IPEndPoint(Address.Address, 0);
        Assert.That(_socket.ReceiveFrom(received, ref from), Is.EqualTo(length));
        Assert.That(received, Is.EqualTo(sent));
        _ = _socket.SendTo(received, from);
        Array.Clear(received);
        Assert.That(client.Receive(received), Is.EqualTo(length));
        Assert.That(received, Is.EqualTo(sent));
        return (IPEndPoint)from;
    }

    public void Dispose() => _socket.Dispose();

    private static void Echo(Socket client, Socket accepted, byte[] sent, byte[] received)
    {
        var sending = Task.Run(() => client.Send(sent));
        ReadAll(accepted, received);
        Assert.That(received, Is.EqualTo(sent));
        _ = sending.Result;
        Array.Clear(received);
        sending = Task.Run(() => accepted.Send(sent));
        ReadAll(client, received);
        Assert.That(received, Is.EqualTo(sent));
        _ = sending.Result;
    }

    private static void ReadAll(Socket socket, byte[] buffer)
    {
        for (var read = 0; read < buffer.Length;)
        {
            var count = socket.Receive(buffer.AsSpan(read));
            Assert.That(count, Is.Positive, "the connection has ended");
            read += count;
        }
    }
}
