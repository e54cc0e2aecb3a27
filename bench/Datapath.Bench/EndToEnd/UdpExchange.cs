using System.Diagnostics;
using System.Runtime.CompilerServices;
using Datapath.Bench.Interop;
using Datapath.Bench.Lab;

namespace Datapath.Bench.EndToEnd;

/// <summary>A question and its answer on a new socket, as a DNS client does it.</summary>
internal sealed unsafe class UdpExchange : Exchange
{
    private readonly DatagramServer _server = new(Addresses.BackendPort);
    private int _next;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(SocketName[] targets, long[] dials, long[] cycles)
    {
        var data = 0L;
        SocketName from = default;
        for (var i = 0; i < cycles.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var client = Sockets.Open(isIPv4: true, Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK);
            var before = Stopwatch.GetTimestamp();
            fixed (SocketName* name = &targets[_next++ % targets.Length])
                Libc.Check(Libc.sendto(client, &data, sizeof(long), 0, name, name->Length), "sendto");
            dials[i] = Stopwatch.GetTimestamp() - before;
            if (!_server.TryAnswer())
                throw new BenchException("a datagram did not arrive");
            var length = 28u;
            Libc.Check(Libc.recvfrom(client, &data, sizeof(long), 0, &from, &length), "recvfrom");
            _ = Libc.close(client);
            cycles[i] = Stopwatch.GetTimestamp() - start;
        }
    }

    public override void Dispose() => _server.Dispose();
}
