namespace Datapath.Linux.Bpf;

/// <summary>Where <see cref="NetkitLink.Attach"/> puts a program.</summary>
/// <remarks>Minimum kernel: 6.7.</remarks>
public sealed record NetkitLinkOptions
{
    /// <summary>
    /// The primary device, by its number in the network namespace of the calling thread; programs for its peer are attached by it, too. Required.
    /// </summary>
    public required int InterfaceIndex { get; init; }

    /// <summary>Whose packets. Required.</summary>
    public required NetkitSide Side { get; init; }

    /// <summary>Where among the programs that are there. The default is <see cref="TcxPlacement.Last"/>.</summary>
    public TcxPlacement Placement { get; init; } = TcxPlacement.Last;

    /// <summary>
    /// The <see cref="TcxPrograms.Revision"/> that must still hold, so that nobody's change is overlooked; the attach fails with ESTALE if
    /// it does not. The default, 0, asks for none.
    /// </summary>
    public ulong ExpectedRevision { get; init; }
}
