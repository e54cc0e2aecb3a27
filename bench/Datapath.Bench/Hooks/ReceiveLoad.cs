using System.Runtime.CompilerServices;
using Datapath.Bench.Interop;
using Datapath.Bench.Lab;

namespace Datapath.Bench.Hooks;

/// <summary>Questions and answers on one socket that is not connected; the hook tells where an answer came from.</summary>
internal sealed unsafe class ReceiveLoad : Load
{
    private readonly SocketName _target;
    private readonly DatagramServer[] _servers;
    private readonly int _fd;

    /// <param name="target">What to ask.</param>
    /// <param name="servers">Those that the question may reach, translated or not.</param>
    public ReceiveLoad(SocketName target, params DatagramServer[] servers)
    {
        (_target, _servers) = (target, servers);
        foreach (var server in servers)
            server.Drain(); // what other loops have sent
        _fd = Sockets.Open(target.IsIPv4, Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(int times)
    {
        var data = 0L;
        var name = _target;
        var from = _target;
        for (var i = 0; i < times; i++)
        {
            Libc.Check(Libc.sendto(_fd, &data, sizeof(long), 0, &name, name.Length), "sendto");
            foreach (var server in _servers)
            {
                if (server.TryAnswer())
                    break;
            }

            var length = 28u;
            Libc.Check(Libc.recvfrom(_fd, &data, sizeof(long), 0, &from, &length), "recvfrom");
        }
    }

    public override void Dispose() => _ = Libc.close(_fd);
}
