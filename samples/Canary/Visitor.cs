using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Canary;

/// <summary>A client, which knows the service's address and nothing else.</summary>
internal sealed class Visitor : IDisposable
{
    private readonly TcpClient _client;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private Visitor(TcpClient client)
    {
        _client = client;
        _reader = new(client.GetStream());
        _writer = new(client.GetStream()) { AutoFlush = true };
    }

    public static async Task<Visitor> DialAsync(NetworkNamespace pod, IPEndPoint service, CancellationToken stop)
    {
        var client = pod.Run(static () => new TcpClient(AddressFamily.InterNetwork)); // a socket stays in the namespace in which it was made
        try
        {
            await client.ConnectAsync(service, stop);
            return new(client);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public async Task<string?> AskAsync(CancellationToken stop)
    {
        await _writer.WriteLineAsync("who?".AsMemory(), stop);
        return await _reader.ReadLineAsync(stop);
    }

    public void Dispose() => _client.Dispose();
}
