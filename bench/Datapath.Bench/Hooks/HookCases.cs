using Datapath.Bench.Interop;
using Datapath.Bench.Lab;

namespace Datapath.Bench.Hooks;

/// <summary>All rows, and the servers behind them. Made outside of the variants' cgroups.</summary>
internal sealed class HookCases : IDisposable
{
    private const int Cheap = 20_000;
    private const int Costly = 2_000;
    private static readonly SocketName s_service4 = SocketName.Of(Addresses.Service4(0), Addresses.ServicePort);
    private static readonly SocketName s_sticky4 = SocketName.Of(Addresses.Service4(0), Addresses.StickyPort);
    private static readonly SocketName s_service6 = SocketName.Of(Addresses.Service6(0), Addresses.ServicePort);
    private static readonly SocketName s_serviceMapped = SocketName.Of(Addresses.Service4(0).MapToIPv6(), Addresses.ServicePort);
    private static readonly SocketName s_direct4 = SocketName.Of(Addresses.Backend4(0), Addresses.DirectPort);
    private static readonly SocketName s_direct6 = SocketName.Of(Addresses.Backend6(0), Addresses.DirectPort);
    private static readonly SocketName s_directMapped = SocketName.Of(Addresses.Backend4(0).MapToIPv6(), Addresses.DirectPort);

    private readonly DatagramServer _untranslated = new(Addresses.ServicePort);
    private readonly DatagramServer _backend = new(Addresses.BackendPort);
    private readonly DatagramServer _direct = new(Addresses.DirectPort);
    private readonly SocketName[] _manyServices = Dialing.Services(HookBenchmark.Many);
    private int _position;

    public HookCases()
    {
        All =
        [
            new("connect4 hit, hot", "connect4", Cheap, static () => new ReconnectLoad(s_service4)) { MostOfFloor = 1.5 },
            new("connect4 hit, hot, 10,000 services", "connect4", Cheap, static () => new ReconnectLoad(s_service4)) { MostOfFloor = 1.5, IsMany = true },
            new("connect4 hit, session affinity, hot", "connect4", Cheap, static () => new ReconnectLoad(s_sticky4)) { MostOfFloor = 2.5 },
            .. ListenerCases.Of(Cheap, static () => new ReconnectLoad(s_service4)),
            new("connect4 miss, hot", "connect4", Cheap, static () => new ReconnectLoad(s_direct4)) { MostOfFloor = 1.3 },
            new("connect4 hit, new TCP socket", "connect4", Costly, () => Fresh([s_service4])),
            new("connect4 hit, new TCP socket, random of 10,000 services", "connect4", 2 * Costly, () => Fresh(_manyServices))
            {
                MostOfFloor = 2,
                IsMany = true,
            },
            new("connect4 miss, new TCP socket", "connect4", Costly, () => Fresh([s_direct4])) { MostOfFloor = 1.3 },
            new("connect6 hit, hot", "connect6", Cheap, static () => new ReconnectLoad(s_service6)),
            new("connect6 miss, hot", "connect6", Cheap, static () => new ReconnectLoad(s_direct6)),
            new("connect6 mapped hit, hot", "connect6", Cheap, static () => new ReconnectLoad(s_serviceMapped)),
            new("connect6 mapped miss, hot", "connect6", Cheap, static () => new ReconnectLoad(s_directMapped)),
            new("sendmsg4 hit, one socket", "sendmsg4", Cheap / 2, static () => new SendLoad(s_service4, isFresh: false)) { MostOfFloor = 2 },
            new("sendmsg4 miss, one socket", "sendmsg4", Cheap / 2, static () => new SendLoad(s_direct4, isFresh: false)),
            new("sendmsg4 hit, new socket", "sendmsg4", Costly, static () => new SendLoad(s_service4, isFresh: true)),
            new("recvmsg4 hit", "recvmsg4", Costly, () => new ReceiveLoad(s_service4, _backend, _untranslated)) { MostOfFloor = 1.4 },
            new("recvmsg4 miss", "recvmsg4", Costly, () => new ReceiveLoad(s_direct4, _direct)),
            new("getpeername4 hit", "getpeername4", Cheap, static () => new PeerNameLoad(s_service4)),
        ];
    }

    public HookCase[] All { get; }

    public void Dispose()
    {
        _untranslated.Dispose();
        _backend.Dispose();
        _direct.Dispose();
    }

    // Each round starts elsewhere in the sequence, so that it is not always the same services that are met.
    private FreshTcpLoad Fresh(SocketName[] targets) => new(targets, () => _position += 5 * Costly);
}
