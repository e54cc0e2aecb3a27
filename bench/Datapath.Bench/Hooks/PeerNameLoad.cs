using System.Runtime.CompilerServices;
using Datapath.Bench.Interop;
using Datapath.Bench.Lab;

namespace Datapath.Bench.Hooks;

/// <summary>One connected datagram socket that is asked again and again whom it talks to.</summary>
internal sealed unsafe class PeerNameLoad : Load
{
    private readonly int _fd;

    public PeerNameLoad(SocketName target)
    {
        _fd = Sockets.Open(target.IsIPv4, Libc.SOCK_DGRAM);
        Sockets.Connect(_fd, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int times)
    {
        SocketName name = default;
        for (var i = 0; i < times; i++)
        {
            var length = 28u;
            Libc.Check(Libc.getpeername(_fd, &name, &length), "getpeername");
        }
    }

    public override void Dispose() => _ = Libc.close(_fd);
}
