using System.Net;
using System.Net.Sockets;
using System.Text;
using Datapath.Linux.Namespaces;

namespace Datapath.Quickstart;

/// <summary>How a program may dial the service.</summary>
internal enum SocketKind
{
    /// <summary>An IPv4 socket.</summary>
    V4,

    /// <summary>An IPv6 socket.</summary>
    V6,

    /// <summary>An IPv6 socket that dials an IPv4 address, as .NET, Go and Java do.</summary>
    DualMode,
}

/// <summary>What came of some dials.</summary>
/// <param name="Names">Who answered how often.</param>
/// <param name="Peer">Whom the last socket saw at the other end.</param>
/// <param name="AllFromService">Whether every socket saw the service there.</param>
/// <param name="Error">What a refused dial said; <see langword="null"/> if none was refused.</param>
internal sealed record Answers(IReadOnlyDictionary<string, int> Names, EndPoint? Peer, bool AllFromService, string? Error);

/// <summary>Ordinary .NET sockets in a network namespace of their own.</summary>
internal sealed class Client(NetworkNamespace network)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public static string Describe(SocketKind kind) => kind switch
    {
        SocketKind.V4 => "IPv4 socket:",
        SocketKind.V6 => "IPv6 socket:",
        _ => "dual-mode socket:",
    };

    /// <summary>HTTP requests, each over a connection of its own.</summary>
    public Task<Answers> GetAsync(SocketKind kind, int count, CancellationToken stop) => TallyAsync(kind, Manifests.HttpPort, count, async () =>
    {
        EndPoint? peer = null;
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancel) =>
            {
                var socket = Open(kind, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(Service(kind, Manifests.HttpPort), cancel);
                    peer = socket.RemoteEndPoint;
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        using var http = new HttpClient(handler) { Timeout = s_patience };
        return (await http.GetStringAsync(new Uri("http://web.default/"), stop), peer);
    });

    /// <summary>Datagrams, each from a socket of its own that names the service with the send.</summary>
    public Task<Answers> AskAsync(SocketKind kind, int count, CancellationToken stop) => TallyAsync(kind, Manifests.UdpPort, count, async () =>
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_patience);
        using var socket = Open(kind, SocketType.Dgram, ProtocolType.Udp);
        var service = Service(kind, Manifests.UdpPort);
        _ = await socket.SendToAsync("who?"u8.ToArray(), service, patience.Token);
        var buffer = new byte[512];
        var answer = await socket.ReceiveFromAsync(buffer, service, patience.Token);
        return (Encoding.ASCII.GetString(buffer, 0, answer.ReceivedBytes), (EndPoint?)answer.RemoteEndPoint);
    });

    private static IPEndPoint Service(SocketKind kind, int port) => kind switch
    {
        SocketKind.V4 => new(IPAddress.Parse(Manifests.V4), port),
        SocketKind.V6 => new(IPAddress.Parse(Manifests.V6), port),
        _ => new(IPAddress.Parse(Manifests.V4).MapToIPv6(), port),
    };

    private static async Task<Answers> TallyAsync(SocketKind kind, int port, int count, Func<Task<(string Name, EndPoint? Peer)>> ask)
    {
        var names = new Dictionary<string, int>();
        var allFromService = true;
        EndPoint? last = null;
        for (var i = 0; i < count; i++)
        {
            try
            {
                var (name, peer) = await ask();
                names[name] = names.GetValueOrDefault(name) + 1;
                last = peer;
                allFromService &= Service(kind, port).Equals(peer);
            }
            catch (Exception e) when (e is SocketException or HttpRequestException)
            {
                return new(names, last, allFromService, (e as SocketException ?? e.InnerException as SocketException)?.SocketErrorCode.ToString() ?? e.Message);
            }
        }

        return new(names, last, allFromService, Error: null);
    }

    private Socket Open(SocketKind kind, SocketType type, ProtocolType protocol) => network.Run(() =>
    {
        var family = kind is SocketKind.V4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var socket = new Socket(family, type, protocol);
        if (kind is SocketKind.DualMode)
            socket.DualMode = true;
        return socket;
    });
}
