namespace Datapath.Linux.Bpf;

/// <summary>
/// A program attached to the packets of an interface, in an order among others. It ends with the link or with the interface. Minimum
/// kernel: 6.6.
/// </summary>
/// <remarks>The program is a <see cref="ProgramType.SchedClassifier"/> and returns -1 (let the next decide), 0 (pass), 2 (drop) or 7
/// (redirect). Other return values count as "next".
/// Minimum kernel: 6.6.</remarks>
public sealed class TcxLink : BpfLink
{
    internal TcxLink(SafeBpfHandle handle, string name)
        : base(handle, name)
    {
    }

    /// <inheritdoc/>
    public override string Target => $"interface {InterfaceIndex} (tcx {Direction})";

    /// <summary>The interface, by its number in its namespace; 0 if it was removed, whereupon the link does nothing any more.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public int InterfaceIndex => (int)ReadInfo().InterfaceIndex;

    /// <summary>Which packets the program sees.</summary>
    /// <exception cref="BpfException">The kernel refused.</exception>
    public TcxDirection Direction =>
        (AttachType)ReadInfo().TcxAttachType is AttachType.TcxIngress ? TcxDirection.Ingress : TcxDirection.Egress;

    /// <summary>Attaches a program.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.SchedClassifier"/>.</param>
    /// <param name="options">Where.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 6.6.</exception>
    /// <exception cref="BpfException">
    /// The kernel refused: ENODEV without such an interface, ENOENT if the neighbour is not attached there, ESTALE if the revision is another,
    /// ERANGE if no more programs fit.
    /// </exception>
    public static TcxLink Attach(BpfProgram program, TcxLinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(options);
        return new(ProgramsOf(options.InterfaceIndex, options.Direction).Attach(program, options.Placement, options.ExpectedRevision), program.Name);
    }

    /// <summary>Asks what is attached to an interface, by whomever, in the order in which it runs.</summary>
    /// <param name="interfaceIndex">The interface, by its number in the network namespace of the calling thread.</param>
    /// <param name="direction">Which packets.</param>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 6.6.</exception>
    /// <exception cref="BpfException">The kernel refused: ENODEV without such an interface.</exception>
    public static TcxPrograms Query(int interfaceIndex, TcxDirection direction) => ProgramsOf(interfaceIndex, direction).Query();

    private protected override void ThrowIfNoReplacement(BpfProgram program) => ThrowIfNotOfKind(program, ProgramType.SchedClassifier);

    private static OrderedPrograms ProgramsOf(int interfaceIndex, TcxDirection direction) => new(
        direction switch
        {
            TcxDirection.Ingress => AttachType.TcxIngress,
            TcxDirection.Egress => AttachType.TcxEgress,
            _ => throw new ArgumentOutOfRangeException(nameof(direction), direction, "no direction"),
        },
        interfaceIndex,
        $"tcx {direction}",
        BpfFeature.Tcx);
}
