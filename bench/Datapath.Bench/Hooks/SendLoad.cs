using System.Runtime.CompilerServices;
using Datapath.Bench.Interop;
using Datapath.Bench.Lab;

namespace Datapath.Bench.Hooks;

/// <summary>Datagrams that name their address, from one socket or from a new one each.</summary>
internal sealed unsafe class SendLoad(SocketName target, bool isFresh) : Load
{
    private readonly int _fd = Sockets.Open(target.IsIPv4, Libc.SOCK_DGRAM);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int times)
    {
        var data = 0L;
        var name = target;
        for (var i = 0; i < times; i++)
        {
            var fd = isFresh ? Sockets.Open(name.IsIPv4, Libc.SOCK_DGRAM) : _fd;
            Libc.Check(Libc.sendto(fd, &data, sizeof(long), 0, &name, name.Length), "sendto");
            if (isFresh)
                _ = Libc.close(fd);
        }
    }

    public override void Dispose() => _ = Libc.close(_fd);
}
