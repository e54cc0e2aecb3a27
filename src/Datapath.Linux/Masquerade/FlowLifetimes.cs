using Datapath.BpfObjects.Layout;

namespace Datapath.Linux;

/// <summary>How long the flows of egress NAT live when no packet comes; in whole seconds, at least one each.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record FlowLifetimes
{
    /// <summary>TCP, before an answer. Default: a minute.</summary>
    public TimeSpan TcpOpening { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>TCP. Default: two hours and four minutes (RFC 5382, REQ-5).</summary>
    public TimeSpan TcpEstablished { get; init; } = TimeSpan.FromMinutes(124);

    /// <summary>TCP, when one side has ended and, if that is the peer, the source has acknowledged it. Default: five minutes.</summary>
    public TimeSpan TcpHalfClosed { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// TCP, when both sides have ended, or one has reset the connection. Only a reset with the sequence number that comes next counts: with another the source would
    /// not give up the connection. Default: ten seconds.
    /// </summary>
    public TimeSpan TcpClosing { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>UDP and others, before an answer. Default: half a minute.</summary>
    public TimeSpan OneWay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>UDP and others. Default: two minutes (RFC 4787, REQ-5).</summary>
    public TimeSpan TwoWay { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Echoes of ICMP. Default: half a minute.</summary>
    public TimeSpan Icmp { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>That of a flow, by what was seen in each direction: as the program that ends flows has it.</summary>
    /// <param name="protocol">Its protocol.</param>
    /// <param name="sent">What its outgoing entry has.</param>
    /// <param name="received">What its incoming entry has, without an end that the source has not acknowledged.</param>
    internal TimeSpan Of(byte protocol, FlowSeen sent, FlowSeen received)
    {
        return protocol switch
        {
            IPNumbers.Icmp or IPNumbers.IcmpV6 => Icmp,
            not IPNumbers.Tcp => received is FlowSeen.Nothing ? OneWay : TwoWay,
            _ when (sent & FlowSeen.Rst) != 0 || (sent & received & FlowSeen.Fin) != 0 => TcpClosing,
            _ when ((sent | received) & FlowSeen.Fin) != 0 => TcpHalfClosed,
            _ => received is FlowSeen.Nothing ? TcpOpening : TcpEstablished,
        };
    }
}
