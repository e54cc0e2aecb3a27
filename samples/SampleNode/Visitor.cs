using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.SampleNode;

/// <summary>A client, which knows the service's address and nothing else.</summary>
public sealed class Visitor : IDisposable
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

    /// <summary>Dials a service.</summary>
    /// <param name="pod">Where from.</param>
    /// <param name="service">The address, of either family.</param>
    /// <param name="stop">Ends the dial.</param>
    /// <exception cref="SocketException">Nobody answers.</exception>
    public static async Task<Visitor> DialAsync(NetworkNamespace pod, IPEndPoint service, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(service);
        var client = pod.Run(() => new TcpClient(service.AddressFamily)); // a socket stays in the namespace in which it was made
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

    /// <summary>Dials until a release answers: which one a dial reaches is a matter of chance.</summary>
    /// <param name="pod">Where from.</param>
    /// <param name="service">The address, of either family.</param>
    /// <param name="name">The release.</param>
    /// <param name="stop">Ends the dials.</param>
    /// <exception cref="SocketException">Nobody answers.</exception>
    public static async Task<Visitor> DialUntilAsync(NetworkNamespace pod, IPEndPoint service, string name, CancellationToken stop)
    {
        while (true)
        {
            var visitor = await DialAsync(pod, service, stop);
            if (await visitor.AskAsync(stop) == name)
                return visitor;
            visitor.Dispose();
        }
    }

    /// <summary>Dials again and again.</summary>
    /// <param name="pod">Where from.</param>
    /// <param name="service">The address, of either family.</param>
    /// <param name="name">The release.</param>
    /// <param name="dials">How often.</param>
    /// <param name="stop">Ends the dials.</param>
    /// <returns>How many of them the release answered.</returns>
    /// <exception cref="SocketException">Nobody answers.</exception>
    public static async Task<int> CountAsync(NetworkNamespace pod, IPEndPoint service, string name, int dials, CancellationToken stop)
    {
        var count = 0;
        for (var i = 0; i < dials; i++)
        {
            using var visitor = await DialAsync(pod, service, stop);
            count += await visitor.AskAsync(stop) == name ? 1 : 0;
        }

        return count;
    }

    /// <summary>Asks who is there.</summary>
    /// <returns>The name of the release; <see langword="null"/>: the connection has ended.</returns>
    public async Task<string?> AskAsync(CancellationToken stop)
    {
        await _writer.WriteLineAsync("who?".AsMemory(), stop);
        return await _reader.ReadLineAsync(stop);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
