using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Masquerade;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>Datagrams and echoes to the places outside, of which the outside tells who sent them. For one call at a time.</summary>
internal sealed class DatagramCalls : IDisposable
{
    private const int Patience = 1_000;
    private const int MostTries = 15;
    private readonly Dictionary<IPAddress, Socket> _servers;
    private readonly Socket _echoes4;
    private readonly Socket _echoes6;
    private readonly byte[] _buffer = new byte[65536];

    public DatagramCalls(ConformanceSite site)
    {
        var router = site.Lab.Router;
        _servers = ConformanceSite.Destinations.ToDictionary(static d => d.Address, d => router.Run(() => Open(ProtocolType.Udp, d.Address, 0)));
        _echoes4 = router.Run(static () => Open(ProtocolType.Icmp, IPAddress.Any, 0, SocketType.Raw));
        _echoes6 = router.Run(static () => Open(ProtocolType.IcmpV6, IPAddress.IPv6Any, 0, SocketType.Raw));
    }

    /// <summary>Lets programs in the network namespaces of a site send echoes.</summary>
    public static void AllowEchoes(ConformanceSite site)
    {
        foreach (var source in site.Sources)
            source.Network.Run(static () => File.WriteAllText("/proc/sys/net/ipv4/ping_group_range", "0 2147483647"));
    }

    /// <summary>Sends one, has it answered, and sends another as long as none comes back: one that is lost is not wrong.</summary>
    /// <returns>Who sent it, as it is seen outside.</returns>
    public IPAddress Call(ConformanceSource source, int port, IPAddress to, bool isEcho)
    {
        var isIPv4 = to.AddressFamily is AddressFamily.InterNetwork;
        var protocol = !isEcho ? ProtocolType.Udp : isIPv4 ? ProtocolType.Icmp : ProtocolType.IcmpV6;
        using var client = source.Network.Run(() => Open(protocol, source.AddressOf(to.AddressFamily), port));
        var server = !isEcho ? _servers[to] : isIPv4 ? _echoes4 : _echoes6;
        var there = isEcho ? new(to, 0) : (IPEndPoint)server.LocalEndPoint!;
        var text = new byte[24];
        for (var i = 0; i < MostTries; i++)
        {
            Random.Shared.NextBytes(text);
            Send(client, isEcho ? [.. Header(isIPv4, port), .. text] : text, there);
            if (Take(server, text) is not { } from)
                continue;
            if (!isEcho) // echoes are answered by the kernel
                _ = server.SendTo(text, from);
            if (Take(client, text) is not null)
                return from.Address;
        }

        throw new SocketException((int)SocketError.TimedOut);
    }

    public void Dispose()
    {
        foreach (var server in _servers.Values)
            server.Dispose();
        _echoes4.Dispose();
        _echoes6.Dispose();
    }

    private static Socket Open(ProtocolType protocol, IPAddress address, int port, SocketType type = SocketType.Dgram)
    {
        var socket = new Socket(address.AddressFamily, type, protocol) { ReceiveTimeout = Patience };
        socket.Bind(new IPEndPoint(address, port));
        return socket;
    }

    private static void Send(Socket client, byte[] message, IPEndPoint there)
    {
        try
        {
            _ = client.SendTo(message, there);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.NoBufferSpaceAvailable)
        {
            // It was dropped on its way out, as first packets are while flows move; of the machine's own the sender is told.
        }
    }

    private static byte[] Header(bool isIPv4, int identifier)
    {
        var header = new byte[8]; // the checksum is the kernel's to make
        header[0] = isIPv4 ? (byte)8 : (byte)128;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)identifier);
        return header;
    }

    // Raw sockets see what others sent as well, and a message of an earlier try may come late.
    private IPEndPoint? Take(Socket socket, byte[] text)
    {
        EndPoint from = new IPEndPoint(socket.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var start = Stopwatch.GetTimestamp();
        try
        {
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < Patience) // what others send goes on
            {
                if (_buffer.AsSpan(0, socket.ReceiveFrom(_buffer, ref from)).EndsWith(text))
                    return (IPEndPoint)from;
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            // None came.
        }

        return null;
    }
}
