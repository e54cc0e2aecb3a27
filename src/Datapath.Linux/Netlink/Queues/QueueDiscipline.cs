namespace Datapath.Linux.Netlink;

/// <summary>A queueing discipline: the order and the speed in which an interface sends. What was listed can be given back to delete it.</summary>
/// <param name="InterfaceIndex">The interface.</param>
/// <param name="Options">The kind and how it works.</param>
/// <remarks>Minimum kernel: none; it is a value.</remarks>
public sealed record QueueDiscipline(int InterfaceIndex, QueueOptions Options)
{
    /// <summary>Its number; 0 (the default) lets the kernel choose. <see cref="ClsactOptions"/> have always the same.</summary>
    public TcHandle Handle { get; init; }

    /// <summary>Where it is: the default is <see cref="TcHandle.Root"/>, else a class of another one. <see cref="ClsactOptions"/> have a place of their own.</summary>
    public TcHandle Parent { get; init; } = TcHandle.Root;
}
