namespace Datapath.Linux.Bpf;

/// <summary>Where <see cref="TcAttachment.Attach"/> puts a program.</summary>
/// <remarks>Minimum kernel: 4.5.</remarks>
public sealed record TcAttachmentOptions
{
    /// <summary>The interface, by its number in the network namespace of the calling thread. Required.</summary>
    public required int InterfaceIndex { get; init; }

    /// <summary>Which packets. Required.</summary>
    public required TcxDirection Direction { get; init; }

    /// <summary>Where among the programs that are there. The default is <see cref="TcPosition.Last"/>.</summary>
    public TcPosition Position { get; init; }

    /// <summary>
    /// By which mechanism. The default is <see cref="TcMechanism.Any"/>. Name one to keep an order with programs of others: where the kernel has both,
    /// all of tcx runs before the first filter.
    /// </summary>
    public TcMechanism Mechanism { get; init; }

    /// <summary>
    /// By which a successor knows a filter that a process left, at most 255 bytes. If there is one of this name, its program is replaced in one atomic step
    /// and it stays in its place, whatever <see cref="Position"/> says. By default a filter has the name of its program, and each attachment is a new one.
    /// Nothing to tcx, where what a process does not pin ends with it.
    /// </summary>
    public string? Name { get; init; }
}
