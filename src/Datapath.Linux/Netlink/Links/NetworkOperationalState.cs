namespace Datapath.Linux.Netlink;

/// <summary>Whether an interface can carry packets, by RFC 2863. Values are the kernel's IF_OPER_ numbers.</summary>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public enum NetworkOperationalState
{
    /// <summary>The driver does not say; loopback stays so.</summary>
    Unknown = 0,

    /// <summary>The hardware is missing.</summary>
    NotPresent = 1,

    /// <summary>No carrier, or not set up.</summary>
    Down = 2,

    /// <summary>An interface below is down.</summary>
    LowerLayerDown = 3,

    /// <summary>Under test.</summary>
    Testing = 4,

    /// <summary>Waits for something outside, such as 802.1X.</summary>
    Dormant = 5,

    /// <summary>Carries packets.</summary>
    Up = 6,
}
