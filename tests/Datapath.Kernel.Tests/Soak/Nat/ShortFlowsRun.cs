using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Kernel.Tests.Masquerade;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Soak.Nat;

/// <summary>Many flows of one datagram and its answer, from source port after source port, each to several peers, through a range of ports and short lifetimes.</summary>
internal sealed class ShortFlowsRun : IDisposable
{
    private const ushort FirstPort = 20_000;
    private const ushort LastPort = 29_999;
    private const int FirstSourcePort = 1_024;
    private const int SourcePorts = 60_000;
    private const int PortsOfPeer = 8;
    private const int MostTries = 15;
    private const int MostFaults = 30;
    private const int RoundsPerWord = 2_000;
    private const int Patience = 1_000;
    private static readonly IPAddress[] s_peers4 = [NatLab.Outside4, NatLab.OtherOutside4];
    private static readonly IPAddress[] s_peers6 = [NatLab.Outside6];

    private readonly int _flows;
    private readonly Action<string> _say;
    private readonly TestPins _pins = new();
    private readonly NatLab _lab;
    private readonly Socket[] _peers4;
    private readonly Socket[] _peers6;
    private readonly byte[] _buffer = new byte[sizeof(long)];
    private readonly List<string> _faults = [];
    private long _done;
    private long _repeated;
    private long _wrong;
    private int _mostEntries;

    /// <param name="flows">How many flows there are at least.</param>
    /// <param name="say">Takes a line now and then.</param>
    public ShortFlowsRun(int flows, Action<string> say)
    {
        (_flows, _say) = (flows, say);
        var second = TimeSpan.FromSeconds(1);
        _lab = new(options => options with
        {
            Lifetime = DatapathLifetime.Pinned,
            BpfRoot = _pins.Path,
            FirstPort = FirstPort,
            LastPort = LastPort,
            SweepInterval = TimeSpan.FromMilliseconds(200),
            Lifetimes = new() { OneWay = second, TwoWay = second },
        });
        _lab.Masquerade.Apply(NatLab.Rules());
        (_peers4, _peers6) = (OpenPeers(s_peers4), OpenPeers(s_peers6));
    }

    /// <summary>Runs it to its end.</summary>
    public ShortFlowsReport Run(CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; _done + _wrong < _flows && !cancellation.IsCancellationRequested; round++)
        {
            var port = FirstSourcePort + (round % SourcePorts);
            Call(NatLab.Pod4, port, _peers4, NatLab.Node4);
            Call(NatLab.Pod6, port, _peers6, NatLab.Node6);
            if (round % 100 == 0)
                _mostEntries = Math.Max(_mostEntries, FlowEntries.Read(_pins.Path).Translated);
            if (round % RoundsPerWord == RoundsPerWord - 1)
                _say($"{Stopwatch.GetElapsedTime(start).TotalSeconds:0} s: {_done} flows, {_repeated} repeated, {_wrong} wrong, {_mostEntries} entries at most");
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new()
        {
            Seconds = seconds,
            Flows = _done,
            Repeated = _repeated,
            Wrong = _wrong,
            MostEntries = _mostEntries,
            EntriesLeft = FlowEntries.WaitUntilNoneIsTranslated(_lab),
            Counters = _lab.Masquerade.ReadCounters(),
            Faults = [.. _faults],
        };
    }

    public void Dispose()
    {
        foreach (var peer in _peers4.Concat(_peers6))
            peer.Dispose();
        _lab.Dispose();
        _pins.Dispose();
    }

    private static Socket Open(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Patience };
        socket.Bind(new IPEndPoint(address, port));
        return socket;
    }

    private Socket[] OpenPeers(IPAddress[] addresses) => _lab.Router.Run(() =>
        addresses.SelectMany(static address => Enumerable.Range(0, PortsOfPeer).Select(_ => Open(address, 0))).ToArray());

    /// <summary>A flow to each of some peers, all from one port.</summary>
    private void Call(IPAddress source, int port, Socket[] peers, IPAddress expected)
    {
        using var client = _lab.Pod.Run(() => Open(source, port));
        foreach (var peer in peers)
        {
            var seen = CallOne(client, peer);
            if (seen is not null && seen.Address.Equals(expected) && seen.Port is >= FirstPort and <= LastPort)
            {
                _done++;
                continue;
            }

            _wrong++;
            if (_faults.Count < MostFaults)
                _faults.Add($"from {client.LocalEndPoint} to {peer.LocalEndPoint}: {seen?.ToString() ?? "nothing"} was seen");
        }
    }

    private IPEndPoint? CallOne(Socket client, Socket peer)
    {
        for (var i = 0; i < MostTries; i++)
        {
            var number = ((_done + _wrong) * MostTries) + i; // so that a late answer is not taken for another
            _ = client.SendTo(BitConverter.GetBytes(number), peer.LocalEndPoint!);
            if (Take(peer, number) is { } from)
            {
                _ = peer.SendTo(_buffer, from);
                if (Take(client, number) is not null)
                    return from;
            }

            _repeated++;
        }

        return null;
    }

    private IPEndPoint? Take(Socket socket, long number)
    {
        EndPoint from = new IPEndPoint(socket.AddressFamily is AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        try
        {
            do
                _ = socket.ReceiveFrom(_buffer, ref from);
            while (BitConverter.ToInt64(_buffer) != number);
            return (IPEndPoint)from;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            return null;
        }
    }
}
