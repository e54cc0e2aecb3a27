namespace Datapath.Linux.Bpf;

/// <summary>
/// A program that decides on what is sent into a netkit device, in an order among others, as <see cref="TcxLink"/> does at any interface. It ends with
/// the link or with the device. Minimum kernel: 6.7, built with <c>CONFIG_NETKIT</c>.
/// </summary>
/// <remarks>The program is a <see cref="ProgramType.SchedClassifier"/> and returns -1 (let the next decide), 0 (pass), 2 (drop) or 7
/// (redirect).</remarks>
public sealed class NetkitLink : BpfLink
{
    internal NetkitLink(SafeBpfHandle handle, string name)
        : base(handle, name)
    {
    }

    /// <inheritdoc/>
    public override string Target => $"interface {InterfaceIndex} (netkit {Side})";

    /// <summary>The primary device, by its number in its namespace; 0 if it was removed, whereupon the link does nothing any more.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public int InterfaceIndex => (int)ReadInfo().InterfaceIndex;

    /// <summary>Whose packets the program sees.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public NetkitSide Side => (AttachType)ReadInfo().TcxAttachType is AttachType.NetkitPrimary ? NetkitSide.Primary : NetkitSide.Peer;

    /// <summary>Attaches a program.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.SchedClassifier"/>.</param>
    /// <param name="options">Where.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 6.7, or has no such devices.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused: ENODEV without such an interface, ENXIO if it is no netkit device, EACCES if it is the peer, ENOENT if the neighbour is not
    /// attached there, ESTALE if the revision is another, ERANGE if no more programs fit.
    /// </exception>
    public static NetkitLink Attach(BpfProgram program, NetkitLinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(options);
        return new(ProgramsOf(options.InterfaceIndex, options.Side).Attach(program, options.Placement, options.ExpectedRevision), program.Name);
    }

    /// <summary>Asks what is attached to a netkit device, by whomever, in the order in which it runs.</summary>
    /// <param name="interfaceIndex">The primary device, by its number in the network namespace of the calling thread.</param>
    /// <param name="side">Whose packets.</param>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 6.7, or has no such devices.</exception>
    /// <exception cref="BpfException">The kernel refused: ENODEV without such an interface, ENXIO if it is no netkit device.</exception>
    public static TcxPrograms Query(int interfaceIndex, NetkitSide side) => ProgramsOf(interfaceIndex, side).Query();

    private protected override void ThrowIfNoReplacement(BpfProgram program) => ThrowIfNotOfKind(program, ProgramType.SchedClassifier);

    private static OrderedPrograms ProgramsOf(int interfaceIndex, NetkitSide side) => new(
        side switch
        {
            NetkitSide.Primary => AttachType.NetkitPrimary,
            NetkitSide.Peer => AttachType.NetkitPeer,
            _ => throw new ArgumentOutOfRangeException(nameof(side), side, "no side"),
        },
        interfaceIndex,
        $"netkit {side}",
        BpfFeature.Netkit);
}
