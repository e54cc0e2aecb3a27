namespace Datapath.BpfObjects.Layout;

/// <summary>Indices of the programs' counters. Append, never renumber.</summary>
[KernelType("dp_counter")]
public enum Counter
{
    /// <summary>A dial to a service without usable backends was refused.</summary>
    RefusedNoBackend = 0,

    /// <summary>A datagram dial was refused, because its reply could not have been mapped back.</summary>
    RefusedNoMemory = 1,

    /// <summary>A TCP dial works, but getpeername(2) tells the backend: the socket had no room to remember the service.</summary>
    PeerNotKept = 2,

    /// <summary>A reply kept its address, because its service is gone or was replaced.</summary>
    ReplyStale = 3,

    /// <summary>A lookup was repeated, because frontends were written at the same time.</summary>
    LookupRepeated = 4,

    /// <summary>A bind(2) was refused, because a service is served at the address and port.</summary>
    RefusedBind = 5,

    /// <summary>A trace event found no room.</summary>
    EventLost = 6,
}
