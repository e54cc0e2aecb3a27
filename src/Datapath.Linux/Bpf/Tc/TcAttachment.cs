using System.Globalization;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program attached to the packets of an interface in the best way that the kernel has: by tcx, or below 6.6 as a filter. Both keep the order
/// asked for, whoever made the others. Minimum kernel: 4.5.
/// </summary>
/// <remarks>
/// <para>The program is a <see cref="ProgramType.SchedClassifier"/>. These return values mean the same in both: -1 (let the next decide), 0 (pass),
/// 2 (drop) and 7 (redirect).</para>
/// <para>What differs is the end: a <see cref="Link"/> ends with the process unless it is pinned, a <see cref="Filter"/> stays until it is disposed
/// or its interface is removed; one that a process left is found again by <see cref="TcAttachmentOptions.Name"/>.</para>
/// </remarks>
public sealed class TcAttachment : IDisposable
{
    // Where priorities start if there is no filter yet: in the middle, so that there is room on both sides.
    private const int FirstPriority = 0x8000;
    private const int Attempts = 16;

    internal TcAttachment(TcxLink link) => Link = link;

    private TcAttachment(TcFilter filter) => Filter = filter;

    /// <summary>The link; <see langword="null"/> if it is a filter.</summary>
    public TcxLink? Link { get; }

    /// <summary>The filter; <see langword="null"/> if it is a link.</summary>
    public TcFilter? Filter { get; }

    /// <summary>Which of the two it is; never <see cref="TcMechanism.Any"/>.</summary>
    public TcMechanism Mechanism => Link is null ? TcMechanism.Filter : TcMechanism.Tcx;

    /// <summary>Attaches a program.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.SchedClassifier"/>.</param>
    /// <param name="options">Where.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="FeatureNotSupportedException">The kernel is older than 6.6, and tcx was asked for by name.</exception>
    /// <exception cref="LinuxException">
    /// The kernel refused: ENODEV without such an interface, ERANGE if no program fits there. For tcx it is a <see cref="BpfException"/>, for a filter a
    /// <see cref="NetlinkException"/>.
    /// </exception>
    public static TcAttachment Attach(BpfProgram program, TcAttachmentOptions options)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Position is not (TcPosition.Last or TcPosition.First))
            throw new ArgumentOutOfRangeException(nameof(options), options.Position, "no position");
        TcFilter.ThrowIfNoName(options.Name);
        switch (options.Mechanism)
        {
            case TcMechanism.Tcx:
                return new(AttachLink(program, options));
            case TcMechanism.Filter:
                return new(AttachFilter(program, options));
            case TcMechanism.Any:
                try
                {
                    return new(AttachLink(program, options));
                }
                catch (FeatureNotSupportedException)
                {
                    return new(AttachFilter(program, options));
                }

            default:
                throw new ArgumentOutOfRangeException(nameof(options), options.Mechanism, "no mechanism");
        }
    }

    /// <summary>Replaces the program in one atomic step: there is no moment without one.</summary>
    /// <param name="program">The new program.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Update(BpfProgram program)
    {
        Link?.Update(program);
        Filter?.Update(program);
    }

    /// <summary>Removes the filter, or closes the link. It is no error if the filter or the interface is gone.</summary>
    /// <exception cref="NetlinkException">The kernel refused to remove the filter.</exception>
    public void Dispose()
    {
        Link?.Dispose();
        Filter?.Dispose();
    }

    /// <summary>Closes the link, or leaves the filter where it is.</summary>
    internal void Leave()
    {
        Link?.Dispose();
        Filter?.Leave();
    }

    private static TcxLink AttachLink(BpfProgram program, TcAttachmentOptions options) => TcxLink.Attach(program, new()
    {
        InterfaceIndex = options.InterfaceIndex,
        Direction = options.Direction,
        Placement = options.Position is TcPosition.First ? TcxPlacement.First : TcxPlacement.Last,
    });

    private static TcFilter AttachFilter(BpfProgram program, TcAttachmentOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.InterfaceIndex);
        using var socket = new NetlinkSocket(Nl.NETLINK_ROUTE);
        for (var attempt = 1; ; attempt++)
        {
            var others = TcFilterList.Read(socket, options.InterfaceIndex, options.Direction);
            var left = options.Name is null ? null : others.Find(f => f.Kind is "bpf" && f.ProgramName == options.Name);
            var priority = left?.Priority ?? PriorityOf(options.Position, others);
            if (priority is < 1 or > ushort.MaxValue)
            {
                throw new LinuxException(
                    string.Create(CultureInfo.InvariantCulture, $"attach program '{program.Name}' to interface {options.InterfaceIndex} (tc {options.Direction}, {options.Position})"),
                    Errno.ERANGE,
                    "another filter has the last priority on that side");
            }

            try
            {
                return TcFilter.Attach(program, new()
                {
                    InterfaceIndex = options.InterfaceIndex,
                    Direction = options.Direction,
                    Priority = (ushort)priority,
                    Handle = left?.Handle ?? 1,
                    Name = options.Name,
                    Replace = left is not null,
                });
            }
            catch (NetlinkException e) when (e.Errno is Errno.EEXIST && attempt < Attempts)
            {
                // Somebody was quicker; the next look shows what has become of the order.
            }
        }
    }

    private static int PriorityOf(TcPosition position, List<TrafficFilter> others) =>
        others.Count == 0 ? FirstPriority
        : position is TcPosition.First ? others.Min(static f => f.Priority) - 1
        : others.Max(static f => f.Priority) + 1;
}
