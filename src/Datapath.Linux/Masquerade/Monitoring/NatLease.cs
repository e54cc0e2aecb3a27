using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;
using Datapath.Linux.Listening;

namespace Datapath.Linux.Masquerade;

/// <summary>What a listener wants to hear of egress NAT, in the kernel.</summary>
internal sealed class NatLease : IListenerLease
{
    private readonly BpfMappedArray<NatListener> _listeners;
    private readonly NatStateMap _state;
    private readonly NatSeat _seat;
    private readonly MasqueradeMonitorOptions _options;

    public NatLease(BpfMap listeners, BpfMap state, MasqueradeMonitorOptions options)
    {
        (_options, _seat) = (options, new(options.KeepsLog));
        _listeners = listeners.MapMemory<NatListener>();
        try
        {
            _state = new(state);
        }
        catch
        {
            _listeners.Dispose();
            throw;
        }
    }

    private ref NatListener Own => ref _listeners.DangerousItem(_seat.Index);

    private uint Kinds => (_options.Packets ? _seat.BitOf(NatEventKind.Refused) | _seat.BitOf(NatEventKind.Passed) : 0)
        | (_options.Mappings ? _seat.BitOf(NatEventKind.Made) | _seat.BitOf(NatEventKind.Ended) : 0);

    private uint AllKinds => Enum.GetValues<NatEventKind>().Aggregate(0u, (all, kind) => all | _seat.BitOf(kind));

    /// <summary>Forgets what was held back from an earlier listener.</summary>
    public void Forget(BpfMap paces)
    {
        var all = paces.AsPerCpuArray<NatPace>();
        var none = new NatPace[all.ValuesPerElement];
        for (var reason = 0; reason < (int)NatListening.Reasons; reason++)
            all.Set((uint)((_seat.Index * (int)NatListening.Reasons) + reason), none);
    }

    /// <inheritdoc/>
    public void Sign()
    {
        _state.StopHearing(AllKinds);
        ref var own = ref Own;
        Volatile.Write(ref own.Until, 0);
        (own.Source, own.SourceMask) = RangeOf(_options.Source);
        (own.Destination, own.DestinationMask) = RangeOf(_options.Destination);
        own.Family = _options.AskedFamily switch { null => 0u, AddressFamily.InterNetwork => 4, _ => 6 };
        own.Protocol = _options.Protocol ?? 0;
        own.PacketsPerSecond = (uint)_options.PacketsPerSecond;
        own.Pid = (uint)Environment.ProcessId;
    }

    /// <inheritdoc/>
    public void Renew(ulong until)
    {
        Volatile.Write(ref Own.Until, until);
        _state.Hear(Kinds);
    }

    /// <inheritdoc/>
    public bool IsTakenBack => !_state.Hears(Kinds);

    /// <inheritdoc/>
    public void End()
    {
        _state.StopHearing(AllKinds);
        Volatile.Write(ref Own.Until, 0);
        Own.Pid = 0;
    }

    public void Dispose()
    {
        _listeners.Dispose();
        _state.Dispose();
    }

    private static (Ip6 Range, Ip6 Mask) RangeOf(IPNetwork? range)
    {
        if (range is not { } network)
            return default;
        var length = network.PrefixLength + (network.BaseAddress.AddressFamily is AddressFamily.InterNetwork ? 96 : 0);
        Span<byte> mask = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(mask, length == 0 ? 0 : UInt128.MaxValue << (128 - length));
        return (NatAddress.Mapped(network.BaseAddress), NatAddress.Words6(new IPAddress(mask)));
    }
}
