using System.Diagnostics;
using System.Runtime.CompilerServices;
using Datapath.Bench.Interop;
using Datapath.Bench.Lab;

namespace Datapath.Bench.EndToEnd;

/// <summary>Connect, accept, close.</summary>
internal sealed unsafe class TcpExchange : Exchange
{
    private readonly int _listener = Sockets.Listen(Addresses.BackendPort);
    private int _next;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(SocketName[] targets, long[] dials, long[] cycles)
    {
        for (var i = 0; i < cycles.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var client = Sockets.Open(isIPv4: true, Libc.SOCK_STREAM);
            var before = Stopwatch.GetTimestamp();
            fixed (SocketName* name = &targets[_next++ % targets.Length])
                Libc.Check(Libc.connect(client, name, name->Length), "connect");
            dials[i] = Stopwatch.GetTimestamp() - before;
            var server = (int)Libc.Check(Libc.accept4(_listener, null, null, Libc.SOCK_CLOEXEC), "accept4");
            Sockets.CloseByReset(client);
            _ = Libc.close(server);
            cycles[i] = Stopwatch.GetTimestamp() - start;
        }
    }

    public override void Dispose() => _ = Libc.close(_listener);
}
