namespace Datapath.Linux.Netlink;

/// <summary>What a routing rule does with the packets that it matches. Values are the kernel's FR_ACT_ numbers.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum NetworkRuleAction
{
    /// <summary>Not known; no rule has it.</summary>
    Unspecified = 0,

    /// <summary>Asks a routing table; if that has no route, the next rule follows.</summary>
    Lookup = 1,

    /// <summary>Goes on with a later rule.</summary>
    GoTo = 2,

    /// <summary>Nothing.</summary>
    None = 3,

    /// <summary>Drops silently.</summary>
    Blackhole = 6,

    /// <summary>Drops and answers that the network is unreachable.</summary>
    Unreachable = 7,

    /// <summary>Drops and answers that this is forbidden.</summary>
    Prohibit = 8,
}
