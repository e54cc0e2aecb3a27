namespace Datapath.Linux.Netlink;

/// <summary>How much the kernel trusts that a neighbour has its hardware address. Values are the kernel's NUD_ numbers.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
[Flags]
public enum NeighbourStates
{
    /// <summary>No state, as for interfaces that ask nobody.</summary>
    None = 0,

    /// <summary>Asked, not answered yet.</summary>
    Incomplete = 0x01,

    /// <summary>Answered a short time ago.</summary>
    Reachable = 0x02,

    /// <summary>Answered once; will be asked again when it is used.</summary>
    Stale = 0x04,

    /// <summary>Used again; will be asked soon.</summary>
    Delay = 0x08,

    /// <summary>Asked again.</summary>
    Probe = 0x10,

    /// <summary>Did not answer.</summary>
    Failed = 0x20,

    /// <summary>Never asked, but goes as learnt entries go.</summary>
    NoArp = 0x40,

    /// <summary>Stays until it is deleted.</summary>
    Permanent = 0x80,
}
