namespace Datapath.Linux.Netlink;

/// <summary>States of TCP sockets; of UDP sockets only <see cref="Established"/> (connected) and <see cref="Closed"/> (not connected) exist.</summary>
/// <remarks>Minimum kernel: 5.10.</remarks>
[Flags]
public enum InetSocketStates
{
    /// <summary>None; a query for it finds nothing.</summary>
    None = 0,

    /// <summary>Connected.</summary>
    Established = 1 << 1,

    /// <summary>Waits for the answer to its SYN.</summary>
    SynSent = 1 << 2,

    /// <summary>Has answered a SYN and waits for the acknowledgement.</summary>
    SynReceived = 1 << 3,

    /// <summary>Closed here, the FIN is not yet acknowledged.</summary>
    FinWait1 = 1 << 4,

    /// <summary>Closed here, the other end is not.</summary>
    FinWait2 = 1 << 5,

    /// <summary>Closed at both ends; kept for packets that come late.</summary>
    TimeWait = 1 << 6,

    /// <summary>Closed, or never connected.</summary>
    Closed = 1 << 7,

    /// <summary>Closed at the other end, not here.</summary>
    CloseWait = 1 << 8,

    /// <summary>Closed at both ends, the other first; our FIN is not yet acknowledged.</summary>
    LastAck = 1 << 9,

    /// <summary>Takes connections.</summary>
    Listen = 1 << 10,

    /// <summary>Closed at both ends at once.</summary>
    Closing = 1 << 11,

    /// <summary>Bound to a port, neither listening nor connected. Minimum kernel for listing: 6.8; older ones show none.</summary>
    BoundInactive = 1 << 13,

    /// <summary>All that have a connection or take one; <see cref="BoundInactive"/> must be asked for.</summary>
    All = Established | SynSent | SynReceived | FinWait1 | FinWait2 | TimeWait | Closed | CloseWait | LastAck | Listen | Closing,
}
