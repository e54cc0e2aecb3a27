namespace Datapath.Linux.Netlink;

/// <summary>A filter of a queueing discipline, as the kernel lists it. Programs attached by tcx are no filters.</summary>
/// <param name="InterfaceIndex">The interface.</param>
/// <param name="Parent">Where it is, for example <see cref="TcHandle.Ingress"/>.</param>
/// <param name="Kind">The kind, for example <c>bpf</c>.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record TrafficFilter(int InterfaceIndex, TcHandle Parent, string Kind)
{
    /// <summary>The place among the filters: lower comes first.</summary>
    public ushort Priority { get; init; }

    /// <summary>The protocol whose packets it sees, a number of linux/if_ether.h; 3 means all.</summary>
    public ushort Protocol { get; init; }

    /// <summary>The number within its priority.</summary>
    public uint Handle { get; init; }

    /// <summary>The name that whoever added it gave to its BPF program; <see langword="null"/> for other kinds.</summary>
    public string? ProgramName { get; init; }

    /// <summary>The id of its BPF program; 0 for other kinds.</summary>
    public uint ProgramId { get; init; }
}
