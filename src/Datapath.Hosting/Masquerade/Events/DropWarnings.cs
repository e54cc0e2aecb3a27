using Datapath.BpfObjects.Layout;
using Datapath.Linux;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting;

/// <summary>Warns of packets that are dropped, at most once a minute for each reason. What comes meanwhile is counted, and told with the next.</summary>
internal sealed class DropWarnings(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);
    private readonly Dictionary<NatCounter, (long At, long Count)> _reasons = [];

    public void Take(MasqueradePacketEvent packet)
    {
        if (!packet.IsDropped)
            return;
        var isKnown = _reasons.TryGetValue(packet.Reason, out var before);
        var count = before.Count + 1 + packet.HeldBack;
        if (isKnown && time.GetElapsedTime(before.At) < s_interval)
        {
            _reasons[packet.Reason] = before with { Count = count };
            return;
        }

        _reasons[packet.Reason] = (time.GetTimestamp(), 0);
        Log.PacketsDropped(
            logger, count, Why(packet.Reason), FlowProtocol.NameOf(packet.Protocol), packet.Source, packet.Destination, packet.Device ?? $"device {packet.DeviceIndex}");
    }

    private static string Why(NatCounter reason) => reason switch
    {
        NatCounter.RefusedNoPort => "no port is free towards the peer (masquerade:ports, masquerade:addresses, masquerade:pools)",
        NatCounter.RefusedFull => "the table of flows is full (masquerade:maxFlows)",
        NatCounter.RefusedNoAddress => "the device has no address of the family",
        NatCounter.RefusedProtocol => "the protocol cannot be translated (masquerade:untranslatable)",
        NatCounter.RefusedFragment => "the first fragment of the datagram was not seen, and this one could not wait for it",
        NatCounter.RefusedFragmentExpired => "the first fragment of the datagram did not come within a second",
        NatCounter.RefusedFragmentCrowded => "too many fragments waited for the first of their datagrams",
        NatCounter.RefusedTagged => "behind more tags and labels than are read",
        NatCounter.RefusedMalformed => "the headers could not be changed",
        NatCounter.RefusedMoving => "flows were moving to a table of another size",
        _ => reason.ToString(),
    };
}
