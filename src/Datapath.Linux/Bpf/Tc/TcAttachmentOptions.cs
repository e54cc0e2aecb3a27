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
}
