using System.Buffers.Binary;
using System.Net;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Masquerade;

/// <summary>What differs between the families' flows.</summary>
internal interface IFlowFamily<TKey, TFlow>
    where TKey : unmanaged
    where TFlow : unmanaged
{
    /// <summary>The outgoing end of an entry; <see langword="null"/> of an incoming one.</summary>
    static abstract FlowContent? ReadOutgoing(in TKey key, in TFlow flow);

    /// <summary>Between whom packets with a key go; of an incoming one from the peer's side.</summary>
    static abstract FlowEnds ReadEnds(in TKey key);

    /// <summary>The key of the outgoing entry of a flow between these.</summary>
    static abstract TKey Outgoing(FlowEnds ends);

    /// <summary>An entry of a flow of which nothing else is known.</summary>
    /// <param name="replacement">What packets in this direction are given.</param>
    /// <param name="seen">What they were.</param>
    /// <param name="now">The time on the monotonic clock, ns.</param>
    static abstract TFlow Make(FlowEnd replacement, FlowSeen seen, ulong now);

    /// <summary>
    /// An address to which no packet from outside may go, so that the kernel drops what comes for it before anybody learns of it: neither connection tracking,
    /// as far as it remembers, nor who sent it. The programs know it, too: <c>dp_is_sink()</c>.
    /// </summary>
    static abstract IPAddress Sink { get; }

    /// <summary>Which address packets of an entry are given.</summary>
    static abstract IPAddress Replacement(in TFlow flow);

    /// <summary>The entry with another.</summary>
    static abstract TFlow WithReplacement(TFlow flow, IPAddress address);

    /// <summary>The key of the incoming entry.</summary>
    static abstract TKey Twin(in TKey outgoing, in TFlow flow);

    static abstract FlowState State(in TFlow flow);

    /// <summary>Tells the outgoing entries of flows that are translated to an address of the family.</summary>
    static abstract Func<TKey, TFlow, bool> TranslatedTo(IPAddress address);
}

/// <summary>Between whom a flow is.</summary>
/// <param name="Source">Where its packets come from; of an echo of ICMP both ports are the identifier.</param>
/// <param name="Peer">Where they go.</param>
/// <param name="Protocol">The IANA protocol number.</param>
internal readonly record struct FlowEnds(FlowEnd Source, FlowEnd Peer, byte Protocol);

/// <summary>An outgoing entry.</summary>
internal readonly record struct FlowContent(FlowEnd Source, FlowEnd Translated, FlowEnd Peer, byte Protocol, ulong MadeAt);

/// <summary>What became of an entry.</summary>
internal readonly record struct FlowState(FlowSeen Seen, uint Next, ulong UsedAt)
{
    /// <summary>What was seen of the peer, whose entry this is. An end of TCP counts when the source has acknowledged it: somebody else may have sent it.</summary>
    public FlowSeen SeenBy(FlowState source) => Next == source.Next ? Seen : Seen & ~FlowSeen.Fin;
}

/// <summary>IPv4.</summary>
internal readonly struct Ipv4Flows : IFlowFamily<FlowKey4, Flow4>
{
    public static IPAddress Sink => IPAddress.Any; // all others of 0.0.0.0/8 are addresses as any to Linux, since 5.3


    public static FlowContent? ReadOutgoing(in FlowKey4 key, in Flow4 flow) => key.Direction is FlowDirection.In ? null : new(
        ReadEnds(key).Source,
        new(NatAddress.Of(flow.Address), BinaryPrimitives.ReverseEndianness(flow.Port)),
        ReadEnds(key).Peer,
        key.Protocol,
        flow.MadeAt);

    public static FlowEnds ReadEnds(in FlowKey4 key) => new(
        new(NatAddress.Of(key.Source), BinaryPrimitives.ReverseEndianness(key.SourcePort)),
        new(NatAddress.Of(key.Destination), BinaryPrimitives.ReverseEndianness(key.DestinationPort)),
        key.Protocol);

    public static FlowKey4 Outgoing(FlowEnds ends) => new()
    {
        Source = NatAddress.Words4(ends.Source.Address),
        Destination = NatAddress.Words4(ends.Peer.Address),
        SourcePort = BinaryPrimitives.ReverseEndianness(ends.Source.Port),
        DestinationPort = BinaryPrimitives.ReverseEndianness(ends.Peer.Port),
        Protocol = ends.Protocol,
        Direction = FlowDirection.Out,
    };

    public static IPAddress Replacement(in Flow4 flow) => NatAddress.Of(flow.Address);

    public static Flow4 WithReplacement(Flow4 flow, IPAddress address) => flow with { Address = NatAddress.Words4(address) };

    public static Flow4 Make(FlowEnd replacement, FlowSeen seen, ulong now) => new()
    {
        Address = NatAddress.Words4(replacement.Address),
        Port = BinaryPrimitives.ReverseEndianness(replacement.Port),
        Seen = seen,
        MadeAt = now,
        UsedAt = now,
    };

    public static FlowKey4 Twin(in FlowKey4 outgoing, in Flow4 flow) => new()
    {
        Source = outgoing.Destination,
        Destination = flow.Address,
        SourcePort = outgoing.Protocol == IPNumbers.Icmp ? flow.Port : outgoing.DestinationPort,
        DestinationPort = flow.Port,
        Protocol = outgoing.Protocol,
        Direction = FlowDirection.In,
    };

    public static FlowState State(in Flow4 flow) => new(flow.Seen, flow.Next, flow.UsedAt);

    public static Func<FlowKey4, Flow4, bool> TranslatedTo(IPAddress address)
    {
        var words = NatAddress.Words4(address);
        return (key, flow) => key.Direction is FlowDirection.Out && flow.Address == words;
    }
}

/// <summary>IPv6.</summary>
internal readonly struct Ipv6Flows : IFlowFamily<FlowKey6, Flow6>
{
    public static IPAddress Sink => IPAddress.IPv6Loopback; // never from outside (RFC 4291, 2.5.3)


    public static FlowContent? ReadOutgoing(in FlowKey6 key, in Flow6 flow) => key.Direction is FlowDirection.In ? null : new(
        ReadEnds(key).Source,
        new(NatAddress.Of(flow.Address), BinaryPrimitives.ReverseEndianness(flow.Port)),
        ReadEnds(key).Peer,
        key.Protocol,
        flow.MadeAt);

    public static FlowEnds ReadEnds(in FlowKey6 key) => new(
        new(NatAddress.Of(key.Source), BinaryPrimitives.ReverseEndianness(key.SourcePort)),
        new(NatAddress.Of(key.Destination), BinaryPrimitives.ReverseEndianness(key.DestinationPort)),
        key.Protocol);

    public static FlowKey6 Outgoing(FlowEnds ends) => new()
    {
        Source = NatAddress.Words6(ends.Source.Address),
        Destination = NatAddress.Words6(ends.Peer.Address),
        SourcePort = BinaryPrimitives.ReverseEndianness(ends.Source.Port),
        DestinationPort = BinaryPrimitives.ReverseEndianness(ends.Peer.Port),
        Protocol = ends.Protocol,
        Direction = FlowDirection.Out,
    };

    public static IPAddress Replacement(in Flow6 flow) => NatAddress.Of(flow.Address);

    public static Flow6 WithReplacement(Flow6 flow, IPAddress address) => flow with { Address = NatAddress.Words6(address) };

    public static Flow6 Make(FlowEnd replacement, FlowSeen seen, ulong now) => new()
    {
        Address = NatAddress.Words6(replacement.Address),
        Port = BinaryPrimitives.ReverseEndianness(replacement.Port),
        Seen = seen,
        MadeAt = now,
        UsedAt = now,
    };

    public static FlowKey6 Twin(in FlowKey6 outgoing, in Flow6 flow) => new()
    {
        Source = outgoing.Destination,
        Destination = flow.Address,
        SourcePort = outgoing.Protocol == IPNumbers.IcmpV6 ? flow.Port : outgoing.DestinationPort,
        DestinationPort = flow.Port,
        Protocol = outgoing.Protocol,
        Direction = FlowDirection.In,
    };

    public static FlowState State(in Flow6 flow) => new(flow.Seen, flow.Next, flow.UsedAt);

    public static Func<FlowKey6, Flow6, bool> TranslatedTo(IPAddress address)
    {
        var words = NatAddress.Words6(address);
        return (key, flow) => key.Direction is FlowDirection.Out && flow.Address == words;
    }
}
