using System.Net;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>A flow that one engine hands to another.</summary>
/// <param name="Ends">Between whom it is.</param>
/// <param name="Translated">What its packets leave with; of an echo the port is the identifier.</param>
/// <param name="Sent">What packets of the source were.</param>
/// <param name="Received">What packets of the peer were.</param>
/// <param name="Remaining">When it ends if no packet comes.</param>
internal sealed record HandedFlow(FlowEnds Ends, FlowEnd Translated, FlowSeen Sent, FlowSeen Received, TimeSpan Remaining)
{
    /// <summary>Between whom its packets go once they are translated.</summary>
    public FlowEnds TranslatedEnds => Ends with
    {
        Source = Translated,
        Peer = Ends.Protocol is IPNumbers.Icmp or IPNumbers.IcmpV6 ? Ends.Peer with { Port = Translated.Port } : Ends.Peer,
    };

    /// <summary>Makes one of what the programs know.</summary>
    /// <returns><see langword="null"/> if it is none to go on: over, or without ports or an identifier.</returns>
    public static HandedFlow? Of(KnownFlow known)
    {
        var flow = known.Flow;
        var goesOn = !IsOver(known) && flow.Protocol is IPNumbers.Tcp or IPNumbers.Udp or IPNumbers.Icmp or IPNumbers.IcmpV6;
        return goesOn ? new(new(flow.Source, flow.Peer, flow.Protocol), flow.Translated, known.Sent, known.Received, flow.ExpiresIn ?? TimeSpan.Zero) : null;
    }

    /// <summary>Whether there is nothing to go on: a connection that was reset, or what a source keeps towards all peers.</summary>
    public static bool IsOver(KnownFlow known) => known.Flow.IsMapping || (known.Sent & FlowSeen.Rst) != 0;

    /// <summary>Whether there is nothing to go on: a connection that was reset.</summary>
    public static bool IsOver(ConntrackEntry entry) => entry.Original.Protocol == IPNumbers.Tcp && SeenOf(entry.TcpState).Sent is FlowSeen.Nothing;

    /// <summary>Makes one of a connection whose source is translated.</summary>
    /// <returns><see langword="null"/> if there is none to go on, or another network address translation has to do with it.</returns>
    public static HandedFlow? Of(ConntrackEntry entry)
    {
        var protocol = entry.Original.Protocol;
        var (sent, received) = protocol == IPNumbers.Tcp ? SeenOf(entry.TcpState) : (FlowSeen.Packet, entry.IsAnswered ? FlowSeen.Packet : FlowSeen.Nothing);
        var isSame = entry.Reply.Source.Address.Equals(entry.Original.Destination.Address)
            && (protocol is IPNumbers.Icmp or IPNumbers.IcmpV6 || entry.Reply.Source.Port == entry.Original.Destination.Port);
        return isSame && entry.Key.Zone is null && !IsOver(entry) && protocol is IPNumbers.Tcp or IPNumbers.Udp or IPNumbers.Icmp or IPNumbers.IcmpV6
            ? new(EndsOf(entry.Original), End(entry.Reply.Destination), sent, received, entry.Remaining)
            : null;
    }

    /// <summary>As connection tracking is to follow it.</summary>
    /// <param name="dialed">What the source dialed, if somebody else's translation leads from there to the peer.</param>
    public ConntrackDraft ToConnection(IPEndPoint? dialed) => new(dialed is null ? Tuple(Ends) : Tuple(Ends) with { Destination = dialed }, AtLeastASecond(Remaining))
    {
        Translated = new(Translated.Address, Translated.Port),
        TranslatedDestination = dialed is null ? null : new(Ends.Peer.Address, Ends.Peer.Port),
        IsAnswered = Received is not FlowSeen.Nothing,
        IsAssured = Received is not FlowSeen.Nothing && Ends.Protocol is IPNumbers.Tcp or IPNumbers.Udp,
        TcpState = StateOf(Sent, Received),
    };

    /// <summary>A connection from outside, whose answers keep their address.</summary>
    /// <param name="kept">Between whom the answers are.</param>
    /// <param name="remaining">When it ends if no packet comes.</param>
    /// <remarks>It may be over, which nobody noted: so it is forgotten early if there are too many.</remarks>
    public static ConntrackDraft FromOutside(FlowEnds kept, TimeSpan remaining) => new(Tuple(kept with { Source = kept.Peer, Peer = kept.Source }), AtLeastASecond(remaining))
    {
        IsAnswered = true,
        TcpState = Ctnl.TCP_CONNTRACK_ESTABLISHED,
    };

    /// <summary>Packets of a flow as connection tracking has them.</summary>
    public static ConntrackTuple Tuple(FlowEnds ends) => new(new(ends.Source.Address, ends.Source.Port), new(ends.Peer.Address, ends.Peer.Port), ends.Protocol);

    /// <summary>Between whom packets are.</summary>
    public static FlowEnds EndsOf(ConntrackTuple packets) => new(End(packets.Source), End(packets.Destination), packets.Protocol);

    /// <summary>Between whom the answers to packets are.</summary>
    public static FlowEnds AnswersOf(ConntrackTuple packets) => new(End(packets.Destination), End(packets.Source), packets.Protocol);

    private static FlowEnd End(IPEndPoint end) => new(end.Address, (ushort)end.Port);

    private static TimeSpan AtLeastASecond(TimeSpan time) => time < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : time;

    private static byte StateOf(FlowSeen sent, FlowSeen received) => (received | (sent & FlowSeen.Data), (sent & FlowSeen.Fin) != 0, (received & FlowSeen.Fin) != 0) switch
    {
        (FlowSeen.Nothing, _, _) => Ctnl.TCP_CONNTRACK_SYN_SENT, // of which there was no more than its first packet
        (_, true, true) => Ctnl.TCP_CONNTRACK_TIME_WAIT,
        (_, true, false) => Ctnl.TCP_CONNTRACK_FIN_WAIT,
        (_, false, true) => Ctnl.TCP_CONNTRACK_CLOSE_WAIT,
        _ => Ctnl.TCP_CONNTRACK_ESTABLISHED,
    };

    // Of a connection that was reset: nothing.
    private static (FlowSeen Sent, FlowSeen Received) SeenOf(byte state)
    {
        const FlowSeen Ended = FlowSeen.Data | FlowSeen.Fin;
        return state switch
        {
            Ctnl.TCP_CONNTRACK_SYN_SENT => (FlowSeen.Syn, FlowSeen.Nothing),
            Ctnl.TCP_CONNTRACK_SYN_RECV => (FlowSeen.Syn, FlowSeen.Syn | FlowSeen.Data),
            Ctnl.TCP_CONNTRACK_ESTABLISHED => (FlowSeen.Data, FlowSeen.Data),
            Ctnl.TCP_CONNTRACK_FIN_WAIT => (Ended, FlowSeen.Data),
            Ctnl.TCP_CONNTRACK_CLOSE_WAIT => (FlowSeen.Data, Ended),
            Ctnl.TCP_CONNTRACK_LAST_ACK or Ctnl.TCP_CONNTRACK_TIME_WAIT => (Ended, Ended),
            _ => default,
        };
    }
}
