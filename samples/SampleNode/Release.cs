using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.SampleNode;

/// <summary>A release of a program: a server in a pod of its own that tells its name on every line that it is sent.</summary>
public sealed class Release : IDisposable
{
    /// <summary>The port that it listens on.</summary>
    public const int Port = 8080;

    private readonly TcpListener _listener;
    private readonly string _name;

    /// <summary>Starts it.</summary>
    /// <param name="pod">Where it runs.</param>
    /// <param name="name">What it answers.</param>
    /// <param name="address">Where it listens.</param>
    public Release(NetworkNamespace pod, string name, IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(pod);
        ArgumentNullException.ThrowIfNull(address);
        (_name, Address) = (name, address.ToString());
        _listener = pod.Run(() =>
        {
            var listener = new TcpListener(address, Port);
            listener.Start(backlog: 1024);
            return listener;
        });
        _ = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return; // the release is over
            }

            _ = ServeAsync(socket);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: true);
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true };
        while (await reader.ReadLineAsync() is not null)
            await writer.WriteLineAsync(_name);
    }
}
