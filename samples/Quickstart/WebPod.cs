using System.Net;
using System.Net.Sockets;
using System.Text;
using Datapath.Linux.Namespaces;

namespace Datapath.Quickstart;

/// <summary>A pod that tells its name over HTTP and over UDP.</summary>
internal sealed class WebPod : IDisposable
{
    public const int HttpPort = 8080;
    public const int UdpPort = 5353;

    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _http;
    private readonly Socket _udp;
    private readonly Task _serving;

    public WebPod(NetworkNamespace network, string name, IPAddress v4, IPAddress v6)
    {
        (Name, V4, V6) = (name, v4, v6);

        // A socket stays in the namespace in which it was made, whichever thread uses it later.
        _http = network.Run(static () => Open(SocketType.Stream, ProtocolType.Tcp, HttpPort));
        _http.Listen();
        _udp = network.Run(static () => Open(SocketType.Dgram, ProtocolType.Udp, UdpPort));
        _serving = Task.WhenAll(ServeHttpAsync(), ServeUdpAsync());
    }

    public string Name { get; }

    public IPAddress V4 { get; }

    public IPAddress V6 { get; }

    public void Dispose()
    {
        _stop.Cancel();
        _serving.GetAwaiter().GetResult();
        _http.Dispose();
        _udp.Dispose();
        _stop.Dispose();
    }

    private static Socket Open(SocketType type, ProtocolType protocol, int port)
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        return socket;
    }

    private async Task ServeHttpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _http.AcceptAsync(_stop.Token);
                using var stream = new NetworkStream(client);
                using var reader = new StreamReader(stream);
                while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
                {
                    // the request and its headers, up to the empty line
                }

                var response = $"HTTP/1.1 200 OK\r\nContent-Length: {Name.Length}\r\nConnection: close\r\n\r\n{Name}";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(response), _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // the end of the tour
        }
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[512];
        try
        {
            while (true)
            {
                var received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.IPv6Any, 0), _stop.Token);
                _ = await _udp.SendToAsync(Encoding.ASCII.GetBytes(Name), received.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // the end of the tour
        }
    }
}
