using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.MetadataProxy;

/// <summary>Asks for credentials as an SDK of a cloud does.</summary>
internal static class MetadataClient
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks from a network namespace.</summary>
    /// <returns>The role, or what became of the dial.</returns>
    public static async Task<string> AskAsync(NetworkNamespace network, CancellationToken stop)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, cancel) =>
            {
                var socket = network.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                try
                {
                    await socket.ConnectAsync(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port, cancel);
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
        try
        {
            return await http.GetStringAsync(new Uri($"http://{MetadataServer.Address}{MetadataServer.CredentialsPath}"), stop);
        }
        catch (HttpRequestException e)
        {
            return e.InnerException is SocketException refused ? refused.SocketErrorCode.ToString() : e.Message;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"no answer within {s_patience.TotalSeconds:0} s";
        }
    }
}
