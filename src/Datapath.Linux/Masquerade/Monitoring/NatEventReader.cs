using System.Buffers.Binary;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Listening;

namespace Datapath.Linux.Masquerade;

/// <summary>Makes what programs told of egress NAT into what people call it.</summary>
internal sealed class NatEventReader(Func<int, string?>? deviceNames)
{
    private readonly EventClock _clock = new();

    /// <summary>Looks at the wall clock again, which somebody may set.</summary>
    public void SetClock() => _clock.Set();

    public MasqueradeEvent Read(in NatEvent told)
    {
        var (time, isIPv4) = (_clock.At(told.Time), told.Family == 4);
        var source = End(told.Source, told.SourcePort, isIPv4);
        var destination = End(told.Destination, told.DestinationPort, isIPv4);
        return told.Kind switch
        {
            NatEventKind.Made => new MasqueradeMappingMade
            {
                Time = time,
                Protocol = told.Protocol,
                Source = source,
                Destination = destination,
                Translated = End(told.Translated, told.TranslatedPort, isIPv4),
                IsByPeer = told.Reason == (byte)NatCounter.MappedByPeer,
                DeviceIndex = (int)told.Device,
                Device = deviceNames?.Invoke((int)told.Device),
            },
            NatEventKind.Ended => new MasqueradeMappingEnded
            {
                Time = time,
                Protocol = told.Protocol,
                Source = source,
                Destination = destination,
                Translated = End(told.Translated, told.TranslatedPort, isIPv4),
                Reason = (NatEnd)told.Reason,
                Began = _clock.At(told.MadeAt),
                LastPacket = _clock.At(told.UsedAt),
            },
            _ => new MasqueradePacketEvent
            {
                Time = time,
                Protocol = told.Protocol,
                Source = source,
                Destination = destination,
                Reason = (NatCounter)told.Reason,
                IsDropped = told.Kind is NatEventKind.Refused,
                IsIncoming = told.Direction is FlowDirection.In,
                DeviceIndex = (int)told.Device,
                Device = deviceNames?.Invoke((int)told.Device),
                HeldBack = told.HeldBack,
            },
        };
    }

    private static FlowEnd End(Ip6 address, ushort port, bool isIPv4)
    {
        var read = NatAddress.Of(address);
        return new(isIPv4 ? read.MapToIPv4() : read, BinaryPrimitives.ReverseEndianness(port));
    }
}
