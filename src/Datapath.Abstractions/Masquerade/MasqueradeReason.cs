namespace Datapath;

/// <summary>The rule that decided on a packet, in the order of precedence. The numbers stay as they are: engines store them.</summary>
public enum MasqueradeReason
{
    /// <summary>It comes from the address itself that packets are translated to.</summary>
    NatAddress = 0,

    /// <summary>It answers a flow that came in.</summary>
    Reply = 1,

    /// <summary>Its family is not masqueraded.</summary>
    FamilyOff = 2,

    /// <summary>It is for this node, and leaves no device.</summary>
    OwnNode = 3,

    /// <summary>It is for many: no answer could be told from others.</summary>
    Multicast = 4,

    /// <summary>Its destination sees the real addresses of pods.</summary>
    NativeRouting = 5,

    /// <summary>Its pod keeps its address.</summary>
    OptedOut = 6,

    /// <summary>Its destination is in the list of those that are not masqueraded.</summary>
    NonMasquerade = 7,

    /// <summary>It is for another node, and sources keep their addresses there.</summary>
    OtherNode = 8,

    /// <summary>It is the host's own.</summary>
    Host = 9,

    /// <summary>It comes from no source that is masqueraded.</summary>
    NoSource = 10,

    /// <summary>It is for another node, and sources are masqueraded there.</summary>
    RemoteNode = 11,

    /// <summary>There is a list of destinations that alone are masqueraded, and this is none of them.</summary>
    NotListed = 12,

    /// <summary>It comes from a source that is masqueraded.</summary>
    Source = 13,
}
