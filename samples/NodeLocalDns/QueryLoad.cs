using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.NodeLocalDns;

/// <summary>
/// Clients that ask again and again, each over a connected UDP socket that it keeps, as resolvers do. A client whose socket is ended opens a new one and
/// asks again there; a client that hears nothing gives its query up.
/// </summary>
internal sealed class QueryLoad : IDisposable
{
    /// <summary>How many clients there are.</summary>
    public const int Clients = 20;

    // Long enough for a machine that is busy with something else: a query counts as lost if nobody answers it and nobody tells its client, not if that takes its time.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly NetworkNamespace _network;
    private readonly string[] _names;
    private readonly int _perSecond;
    private readonly CancellationTokenSource _stop;
    private readonly Task _clients;
    private int _sent;
    private int _answered;
    private int _askedAgain;
    private int _lost;
    private int _reopened;

    /// <summary>Starts the clients.</summary>
    /// <param name="network">Where they are.</param>
    /// <param name="names">What they ask for, in turns.</param>
    /// <param name="perSecond">How many queries they send in a second, all together.</param>
    /// <param name="stop">Ends them.</param>
    public QueryLoad(NetworkNamespace network, string[] names, int perSecond, CancellationToken stop)
    {
        (_network, _names, _perSecond) = (network, names, perSecond);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _clients = Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Task.Run(() => RunAsync(number), CancellationToken.None)));
    }

    /// <summary>The queries so far.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>The queries that nobody has answered yet and that are not given up.</summary>
    public int InFlight => Sent - Volatile.Read(ref _answered) - Volatile.Read(ref _lost);

    /// <summary>Waits until this many queries more have been sent.</summary>
    public async Task SendMoreAsync(int count, CancellationToken stop)
    {
        var goal = Sent + count;
        while (Sent < goal && !_clients.IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(5), stop);
    }

    /// <summary>Lets the clients end what they have begun, and counts.</summary>
    public async Task<LoadResult> EndAsync()
    {
        await _stop.CancelAsync();
        await _clients;
        return new(_sent, _answered, _askedAgain, _lost, _reopened);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _clients.GetAwaiter().GetResult();
        _stop.Dispose();
    }

    private async Task RunAsync(int client)
    {
        var start = Stopwatch.GetTimestamp();
        var socket = Open();
        try
        {
            for (var turn = 0; !_stop.IsCancellationRequested; turn++)
            {
                var due = TimeSpan.FromSeconds(((turn * Clients) + client) / (double)_perSecond) - Stopwatch.GetElapsedTime(start);
                if (due > TimeSpan.Zero)
                    await Task.Delay(due, _stop.Token);
                socket = await AskAsync(socket, (ushort)turn, _names[(turn + client) % _names.Length]);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // the end, between two queries
        }
        finally
        {
            socket.Dispose();
        }
    }

    private async Task<Socket> AskAsync(Socket socket, ushort id, string name)
    {
        var query = DnsMessage.Query(id, name, DnsMessage.TypeA);
        _ = Interlocked.Increment(ref _sent);
        var isAgain = false;
        using var patience = new CancellationTokenSource(s_patience);
        while (true)
        {
            try
            {
                _ = await socket.SendAsync(query, patience.Token);
                await ReceiveAsync(socket, id, patience.Token);
                _ = Interlocked.Increment(ref _answered);
                return socket;
            }
            catch (SocketException e) when (IsEnd(e.SocketErrorCode))
            {
                // The kernel says that nobody is at the other end any more: a new socket is led to where the service is now.
                socket.Dispose();
                socket = Open();
                _ = Interlocked.Increment(ref _reopened);
                if (!isAgain)
                    _ = Interlocked.Increment(ref _askedAgain);
                isAgain = true;
            }
            catch (OperationCanceledException)
            {
                _ = Interlocked.Increment(ref _lost);
                return socket;
            }
        }
    }

    private static bool IsEnd(SocketError error) =>
        error is SocketError.ConnectionAborted or SocketError.ConnectionRefused or SocketError.DestinationAddressRequired or SocketError.NotConnected;

    // What comes after it was given up belongs to an earlier query.
    private static async Task ReceiveAsync(Socket socket, ushort id, CancellationToken patience)
    {
        var buffer = new byte[512];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, patience);
            if (DnsMessage.IdOf(buffer.AsSpan(0, received)) == id && DnsMessage.Answer(buffer.AsSpan(0, received), DnsMessage.TypeA) is not null)
                return;
        }
    }

    private Socket Open()
    {
        var socket = _network.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        try
        {
            socket.Connect(new IPEndPoint(Transport.ServiceV4, Transport.Port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
