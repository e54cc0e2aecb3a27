using System.Runtime.CompilerServices;
using Datapath.Bench.Interop;
using Datapath.Bench.Lab;

namespace Datapath.Bench.Hooks;

/// <summary>One datagram socket that connects again and again to one address: all that the hook touches is in the nearest cache.</summary>
internal sealed unsafe class ReconnectLoad(SocketName target) : Load
{
    private readonly int _fd = Sockets.Open(target.IsIPv4, Libc.SOCK_DGRAM);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int times)
    {
        var name = target;
        for (var i = 0; i < times; i++)
            Libc.Check(Libc.connect(_fd, &name, name.Length), "connect");
    }

    public override void Dispose() => _ = Libc.close(_fd);
}
