namespace Datapath.Linux.Netlink;

/// <summary>A class of a queueing discipline, as the kernel lists it.</summary>
/// <param name="InterfaceIndex">The interface.</param>
/// <param name="Kind">The kind of the discipline, for example <c>htb</c>.</param>
/// <param name="Handle">Its number.</param>
/// <param name="Parent">The class above it, or the discipline.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record TrafficClass(int InterfaceIndex, string Kind, TcHandle Handle, TcHandle Parent)
{
    /// <summary>The discipline that queues for it; 0 if none.</summary>
    public TcHandle Leaf { get; init; }
}
