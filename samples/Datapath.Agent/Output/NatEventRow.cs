using System.Text.Json.Serialization;
using Datapath.BpfObjects.Layout;
using Datapath.Linux;

namespace Datapath.Agent.Output;

/// <summary>What happened in masquerading. What an event does not have is left out.</summary>
/// <param name="Time">When it was.</param>
/// <param name="Event"><c>refused</c>, <c>passed</c>, <c>made</c> or <c>ended</c>.</param>
/// <param name="Reason">Why a packet was refused or passed, a mapping has a port by its peer, or ended.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Source">Where packets come from.</param>
/// <param name="Translated">What they leave with.</param>
/// <param name="Destination">Where they go.</param>
/// <param name="Device">The device, by its name or, if it has none any more, its index.</param>
/// <param name="IsIncoming">Whether the packet came in.</param>
/// <param name="HeldBack">Packets of the same reason that were not told before this.</param>
/// <param name="Began">When the mapping was made.</param>
/// <param name="LastPacket">When a packet came last.</param>
internal sealed record NatEventRow(
    DateTimeOffset Time,
    string Event,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    string Protocol,
    string Source,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Translated,
    string Destination,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Device,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? IsIncoming,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? HeldBack,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Began,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? LastPacket)
{
    public static NatEventRow Of(MasqueradeEvent told) => told switch
    {
        MasqueradeMappingMade made => Of(told, "made") with { Translated = made.Translated.ToString(), Device = made.Device ?? $"{made.DeviceIndex}", Reason = made.IsByPeer ? NatWords.Of(NatCounter.MappedByPeer) : null },
        MasqueradeMappingEnded ended => Of(told, "ended") with
        {
            Reason = NatWords.Of(ended.Reason),
            Translated = ended.Translated.ToString(),
            Began = ended.Began,
            LastPacket = ended.LastPacket,
        },
        MasqueradePacketEvent packet => Of(told, packet.IsDropped ? "refused" : "passed") with
        {
            Reason = NatWords.Of(packet.Reason),
            Device = packet.Device ?? $"{packet.DeviceIndex}",
            IsIncoming = packet.IsIncoming,
            HeldBack = packet.HeldBack,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(told), told, "is no event that is known"),
    };

    /// <summary>A line for people.</summary>
    public override string ToString()
    {
        var line = FormattableString.Invariant($"{Time:yyyy-MM-ddTHH:mm:ss.ffffffZ} {Event,-7} {Protocol} {Source}{(Translated is null ? "" : $" as {Translated}")} -> {Destination}");
        if (Device is not null)
            line += $" {(IsIncoming is true ? "from" : "by")} {Device}";
        if (Began is { } began)
            line += FormattableString.Invariant($" after {(Time - began).TotalSeconds:0.000} s");
        if (Reason is not null)
            line += $" ({Reason})";
        return HeldBack > 0 ? $"{line} and {HeldBack} like it before" : line;
    }

    private static NatEventRow Of(MasqueradeEvent told, string name) => new(
        told.Time, name, null, FlowProtocol.NameOf(told.Protocol), told.Source.ToString(), null, told.Destination.ToString(), null, null, null, null, null);
}
