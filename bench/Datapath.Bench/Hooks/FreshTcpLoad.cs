using System.Runtime.CompilerServices;
using Datapath.Bench.Interop;
using Datapath.Bench.Lab;

namespace Datapath.Bench.Hooks;

/// <summary>A new TCP socket for each dial, as clients do it. Nobody listens: the hook has run before the peer refuses.</summary>
internal sealed unsafe class FreshTcpLoad(SocketName[] targets, Func<int> start) : Load
{
    private int _next = start();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int times)
    {
        for (var i = 0; i < times; i++)
        {
            var fd = Sockets.Open(isIPv4: true, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK);
            fixed (SocketName* name = &targets[_next++ % targets.Length])
                _ = Libc.connect(fd, name, name->Length);
            _ = Libc.close(fd);
        }
    }

    public override void Dispose()
    {
    }
}
