using System.Net.Sockets;
using System.Text.Json;
using Datapath.Agent.Output;

namespace Datapath.Agent.Status;

/// <summary>Where a running agent answers: a Unix socket named after its pin folder. Whoever connects is sent one report.</summary>
internal static class AgentSocket
{
    private const string Folder = "/run/datapath";

    public static string PathOf(string bpfRoot) => Path.Combine(Folder, bpfRoot.Trim('/').Replace('/', '-') + ".sock");

    /// <summary>Asks the agent; <see langword="null"/> if none answers.</summary>
    public static async Task<AgentReport?> ReadAsync(string bpfRoot, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(PathOf(bpfRoot)), cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
        {
            return null; // a socket that an agent left behind, or none
        }

        using var stream = new NetworkStream(socket);
        return await JsonSerializer.DeserializeAsync(stream, ReportJson.Default.AgentReport, cancellationToken).ConfigureAwait(false);
    }
}
