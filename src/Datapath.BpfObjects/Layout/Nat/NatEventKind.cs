namespace Datapath.BpfObjects.Layout;

/// <summary>What listeners of egress NAT are told.</summary>
[KernelType("dp_nat_event_kind")]
public enum NatEventKind : byte
{
    /// <summary>A packet was dropped.</summary>
    Refused = 0,

    /// <summary>A packet was left as it is, because nothing is known of what it belongs to.</summary>
    Passed = 1,

    /// <summary>A flow was given a mapping.</summary>
    Made = 2,

    /// <summary>A flow has none any more.</summary>
    Ended = 3,
}
