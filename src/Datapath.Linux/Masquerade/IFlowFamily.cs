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

    /// <summary>The key of the incoming entry.</summary>
    static abstract TKey Twin(in TKey outgoing, in TFlow flow);

    static abstract FlowState State(in TFlow flow);

    /// <summary>Tells the outgoing entries of flows that are translated to an address of the family.</summary>
    static abstract Func<TKey, TFlow, bool> TranslatedTo(IPAddress address);
}

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
    private const byte Icmp = 1;

    public static FlowContent? ReadOutgoing(in FlowKey4 key, in Flow4 flow) => key.Direction is FlowDirection.In ? null : new(
        new(NatAddress.Of(key.Source), BinaryPrimitives.ReverseEndianness(key.SourcePort)),
        new(NatAddress.Of(flow.Address), BinaryPrimitives.ReverseEndianness(flow.Port)),
        new(NatAddress.Of(key.Destination), BinaryPrimitives.ReverseEndianness(key.DestinationPort)),
        key.Protocol,
        flow.MadeAt);

    public static FlowKey4 Twin(in FlowKey4 outgoing, in Flow4 flow) => new()
    {
        Source = outgoing.Destination,
        Destination = flow.Address,
        SourcePort = outgoing.Protocol == Icmp ? flow.Port : outgoing.DestinationPort,
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
    private const byte Icmp = 58;

    public static FlowContent? ReadOutgoing(in FlowKey6 key, in Flow6 flow) => key.Direction is FlowDirection.In ? null : new(
        new(NatAddress.Of(key.Source), BinaryPrimitives.ReverseEndianness(key.SourcePort)),
        new(NatAddress.Of(flow.Address), BinaryPrimitives.ReverseEndianness(flow.Port)),
        new(NatAddress.Of(key.Destination), BinaryPrimitives.ReverseEndianness(key.DestinationPort)),
        key.Protocol,
        flow.MadeAt);

    public static FlowKey6 Twin(in FlowKey6 outgoing, in Flow6 flow) => new()
    {
        Source = outgoing.Destination,
        Destination = flow.Address,
        SourcePort = outgoing.Protocol == Icmp ? flow.Port : outgoing.DestinationPort,
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
