using Datapath.BpfObjects.Layout;

namespace Datapath.Linux;

/// <summary>A flow has no mapping any more: another may have its port. It tells all that <see cref="MasqueradeMappingMade"/> told, should that have been missed.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record MasqueradeMappingEnded : MasqueradeEvent
{
    /// <summary>What its packets left with.</summary>
    public required FlowEnd Translated { get; init; }

    /// <summary>Why it ended.</summary>
    public required NatEnd Reason { get; init; }

    /// <summary>When it began, a few milliseconds early at most.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>When a packet came last, in either direction, or up to 0.7 s later than it says.</summary>
    public required DateTimeOffset LastPacket { get; init; }

    /// <summary>How long it had the mapping, to the moment at which its port is free.</summary>
    public TimeSpan Duration => Time - Began;
}
