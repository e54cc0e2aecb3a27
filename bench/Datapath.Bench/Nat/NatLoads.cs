using System.Diagnostics;
using System.Runtime.CompilerServices;
using Datapath.Bench.Interop;
using Datapath.Bench.Lab;

namespace Datapath.Bench.Nat;

/// <summary>
/// What client and server do, on one thread: what one of them sends has arrived at the other, through the router, when the call returns. Sockets of the
/// server are made in its network, those of the client in the one of the calling thread.
/// </summary>
internal static unsafe class NatLoads
{
    private const int Port = 8080;
    private const int Block = 32 * 1024;
    private const int SO_SNDBUF = 7;
    private static readonly SocketName s_server = SocketName.Of(NatNetwork.AddressOf(0), Port);

    /// <summary>Connects and ends the connection, many times.</summary>
    /// <param name="network">The network.</param>
    /// <param name="dials">Receives how long connect() took, in ticks of the stopwatch.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Connect(NatNetwork network, long[] dials)
    {
        var listener = network.Server.Run(static () => Sockets.Listen(Port));
        var target = s_server;
        for (var i = 0; i < dials.Length; i++)
        {
            var client = Sockets.Open(isIPv4: true, Libc.SOCK_STREAM);
            var before = Stopwatch.GetTimestamp();
            Libc.Check(Libc.connect(client, &target, target.Length), "connect");
            dials[i] = Stopwatch.GetTimestamp() - before;
            var server = AcceptOn(listener);
            Sockets.CloseByReset(client);
            _ = Libc.close(server);
        }

        _ = Libc.close(listener);
    }

    /// <summary>Sends datagrams and answers on one pair of sockets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Exchange(NatNetwork network, long[] cycles)
    {
        using var server = network.Server.Run(static () => new DatagramServer(Port));
        var client = Sockets.Open(isIPv4: true, Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK);
        Sockets.Connect(client, s_server);
        for (var i = 0; i < cycles.Length; i++)
            cycles[i] = Ask(client, server);
        _ = Libc.close(client);
    }

    /// <summary>Sends a datagram and answers it, each time on a new socket of the client, which is a new flow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ExchangeAnew(NatNetwork network, long[] cycles)
    {
        using var server = network.Server.Run(static () => new DatagramServer(Port));
        for (var i = 0; i < cycles.Length; i++)
        {
            var client = Sockets.Open(isIPv4: true, Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK);
            Sockets.Connect(client, s_server);
            cycles[i] = Ask(client, server);
            _ = Libc.close(client);
        }
    }

    /// <summary>Sends a stream for a while.</summary>
    /// <returns>Bits a second that have arrived.</returns>
    public static double Stream(NatNetwork network, TimeSpan duration)
    {
        var listener = network.Server.Run(static () => Sockets.Listen(Port));
        var client = Sockets.Open(isIPv4: true, Libc.SOCK_STREAM);
        Sockets.Set(client, Libc.SOL_SOCKET, SO_SNDBUF, 1 << 20);
        Sockets.Connect(client, s_server);
        var server = AcceptOn(listener);
        var buffer = new byte[Block];
        var arrived = 0L;
        fixed (byte* data = buffer)
        {
            _ = Pump(client, server, data, TimeSpan.FromMilliseconds(100)); // until windows are open
            var start = Stopwatch.GetTimestamp();
            arrived = Pump(client, server, data, duration);
            duration = Stopwatch.GetElapsedTime(start);
        }

        Sockets.CloseByReset(client);
        _ = Libc.close(server);
        _ = Libc.close(listener);
        return arrived * 8 / duration.TotalSeconds;
    }

    /// <summary>Begins flows, each with a datagram that nobody reads.</summary>
    /// <param name="network">The network.</param>
    /// <param name="count">How many.</param>
    /// <returns>Flows a second, on this CPU.</returns>
    public static double Fill(NatNetwork network, int count)
    {
        const int FirstPort = 2000;
        var server = network.Server.Run(static () => Sockets.Bind(Libc.SOCK_DGRAM, Port));
        SocketName[] targets = [.. Enumerable.Range(0, NatNetwork.Servers).Select(static i => SocketName.Of(NatNetwork.AddressOf(i), Port))];
        var data = 0L;
        var spent = 0L;
        for (var (done, port) = (0, FirstPort); done < count; port++)
        {
            var client = Sockets.Bind(Libc.SOCK_DGRAM, port);
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < targets.Length && done < count; i++, done++)
            {
                fixed (SocketName* name = &targets[i])
                    Libc.Check(Libc.sendto(client, &data, sizeof(long), 0, name, name->Length), "sendto");
            }

            spent += Stopwatch.GetTimestamp() - start;
            _ = Libc.close(client);
        }

        _ = Libc.close(server);
        return count / ((double)spent / Stopwatch.Frequency);
    }

    private static long Ask(int client, DatagramServer server)
    {
        var data = 0L;
        var start = Stopwatch.GetTimestamp();
        Libc.Check(Libc.sendto(client, &data, sizeof(long), 0, null, 0), "sendto");
        if (!server.TryAnswer())
            throw new BenchException("a datagram did not arrive");
        Libc.Check(Libc.recvfrom(client, &data, sizeof(long), 0, null, null), "recvfrom");
        return Stopwatch.GetTimestamp() - start;
    }

    private static int AcceptOn(int listener) => (int)Libc.Check(Libc.accept4(listener, null, null, Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK), "accept4");

    // Sends until there is no room, then takes all that has arrived.
    private static long Pump(int client, int server, byte* data, TimeSpan duration)
    {
        const int DontWait = 0x40; // MSG_DONTWAIT
        var arrived = 0L;
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            while (Libc.sendto(client, data, Block, DontWait, null, 0) > 0)
            {
            }

            for (nint read; (read = Libc.recvfrom(server, data, Block, DontWait, null, null)) > 0;)
                arrived += read;
        }

        return arrived;
    }
}
