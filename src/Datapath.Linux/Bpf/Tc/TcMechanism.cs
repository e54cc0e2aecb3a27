namespace Datapath.Linux.Bpf;

/// <summary>The ways in which the kernel runs programs on the packets of an interface.</summary>
/// <remarks>Minimum kernel: 4.5; each says its own.</remarks>
public enum TcMechanism
{
    /// <summary><see cref="Tcx"/> where the kernel has it, else <see cref="Filter"/>.</summary>
    Any,

    /// <summary>tcx (<see cref="TcxLink"/>). Minimum kernel: 6.6.</summary>
    Tcx,

    /// <summary>A filter of traffic control (<see cref="TcFilter"/>). Minimum kernel: 4.5.</summary>
    Filter,
}
