using System.Net;
using System.Net.Sockets;
using System.Text;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Tells who it is to whoever dials it: over TCP on connect, over UDP for each datagram, on IPv4 and IPv6, on one port.</summary>
internal sealed class NameServer : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _loops = [];
    private readonly byte[] _name;

    public NameServer(NetworkNamespace network, string name, int port)
    {
        _name = Encoding.ASCII.GetBytes(name);
        foreach (var any in new[] { IPAddress.Any, IPAddress.IPv6Any })
        {
            var tcp = network.Run(() => Open(any, port, SocketType.Stream, ProtocolType.Tcp));
            tcp.Listen(4096);
            _sockets.Add(tcp);
            _loops.Add(ServeTcp(tcp));
            var udp = network.Run(() => Open(any, port, SocketType.Dgram, ProtocolType.Udp));
            _sockets.Add(udp);
            _loops.Add(ServeUdp(udp));
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var socket in _sockets)
            socket.Dispose();
        Task.WaitAll([.. _loops]);
        _stop.Dispose();
    }

    private static Socket Open(IPAddress any, int port, SocketType type, ProtocolType protocol)
    {
        var socket = new Socket(any.AddressFamily, type, protocol);
        if (any.AddressFamily is AddressFamily.InterNetworkV6)
            socket.DualMode = false;
        socket.Bind(new IPEndPoint(any, port));
        return socket;
    }

    private async Task ServeTcp(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await listener.AcceptAsync(_stop.Token);
                _ = await client.SendAsync(_name);
            }
            catch (Exception e) when (IsEnd(e))
            {
                return;
            }
            catch (SocketException)
            {
                // the client was gone before the answer
            }
        }
    }

    private async Task ServeUdp(Socket socket)
    {
        var buffer = new byte[2048];
        var any = new IPEndPoint(socket.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, any, _stop.Token);
                _ = await socket.SendToAsync(_name, received.RemoteEndPoint);
            }
            catch (Exception e) when (IsEnd(e))
            {
                return;
            }
            catch (SocketException)
            {
                // an ICMP error of an earlier answer
            }
        }
    }

    private bool IsEnd(Exception e) => _stop.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException or SocketException;
}
