using System.Collections.Immutable;
using System.Text;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program attached to the packets of an interface by the older way of kernels without <see cref="TcxLink"/>: as a filter of traffic control, on the
/// clsact queueing discipline, which is made if it is missing and stays. Minimum kernel: 4.5.
/// </summary>
/// <remarks>This is no link: the filter stays when the process ends without disposing this object, and anyone may remove it. Whoever comes next takes it
/// over by <see cref="Open"/>, or by <see cref="TcFilterOptions.Replace"/>. The program is a <see cref="ProgramType.SchedClassifier"/>; its return
/// value decides at once (0 pass, 2 drop, -1 or 3 the next filter's turn).</remarks>
public sealed class TcFilter : IDisposable
{
    private const int RequestLength = 64;
    private const int MaximumNameLength = 255; // CLS_BPF_NAME_LEN less the zero

    private readonly NetlinkSocket _socket;
    private readonly TrafficFilter _place;
    private readonly TcxDirection _direction;
    private readonly string? _name;
    private bool _isClosed;

    private TcFilter(NetlinkSocket socket, TrafficFilter place, TcxDirection direction, string? name) =>
        (_socket, _place, _direction, _name) = (socket, place, direction, name);

    /// <summary>Attaches a program.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.SchedClassifier"/>.</param>
    /// <param name="options">Where.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="NetlinkException">
    /// The kernel refused: ENODEV without such an interface, EEXIST if the place is taken and not to be replaced, EINVAL if it is taken by a filter that is
    /// no program, ENOENT if the kernel has no clsact or no BPF filters.
    /// </exception>
    /// <exception cref="LinuxException">Packets that leave are meant, and in the place of clsact is a discipline for those that come alone, <c>ingress</c> (EEXIST).</exception>
    public static TcFilter Attach(BpfProgram program, TcFilterOptions options)
    {
        var place = PlaceOf(options);
        ThrowIfNoClassifier(program);
        var filter = new TcFilter(new(Nl.NETLINK_ROUTE), place, options.Direction, options.Name);
        try
        {
            filter.EnsureDiscipline();
            filter.Put(program, (ushort)(Nl.NLM_F_CREATE | (options.Replace ? Nl.NLM_F_REPLACE : Nl.NLM_F_EXCL)));
            return filter;
        }
        catch
        {
            filter._socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes over a filter that is there, for example one that a process left when it died. Nothing is changed: its program goes on running until
    /// <see cref="Update"/> or <see cref="Dispose"/>.
    /// </summary>
    /// <param name="options">Where it is, and its name if that matters.</param>
    /// <exception cref="LinuxException">
    /// There is no program in that place, or one of another name (ENOENT); or the kernel refused (<see cref="NetlinkException"/>).
    /// </exception>
    public static TcFilter Open(TcFilterOptions options)
    {
        var place = PlaceOf(options);
        var socket = new NetlinkSocket(Nl.NETLINK_ROUTE);
        try
        {
            var found = TcFilterList.Read(socket, options.InterfaceIndex, options.Direction)
                .Find(f => f.Kind == place.Kind && f.Priority == place.Priority && f.Handle == place.Handle && (options.Name ?? f.ProgramName) == f.ProgramName);
            return found is not null
                ? new(socket, found, options.Direction, found.ProgramName)
                : throw new LinuxException(
                    $"open the filter of interface {options.InterfaceIndex} (tc {options.Direction}, priority {options.Priority}, filter {options.Handle})",
                    Errno.ENOENT,
                    options.Name is null ? "there is no program in that place" : $"there is no program '{options.Name}' in that place");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Asks which filters an interface has, by whomever they were made, in the order in which they run.</summary>
    /// <param name="interfaceIndex">The interface, by its number in the network namespace of the calling thread. Without such an interface there are none.</param>
    /// <param name="direction">Which packets.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public static ImmutableArray<TcFilterInfo> Query(int interfaceIndex, TcxDirection direction)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(interfaceIndex);
        using var socket = new NetlinkSocket(Nl.NETLINK_ROUTE);
        return
        [
            .. TcFilterList.Read(socket, interfaceIndex, direction)
                .Where(static f => f.Handle != 0)
                .Select(static f => new TcFilterInfo(f.Priority, f.Handle, f.Kind, f.ProgramName ?? "", f.ProgramId)),
        ];
    }

    /// <summary>Replaces the program in one atomic step: there is no moment without one.</summary>
    /// <param name="program">The new program.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="NetlinkException">The kernel refused: ENOENT if somebody removed the filter, EINVAL if the queueing discipline too.</exception>
    public void Update(BpfProgram program)
    {
        ThrowIfNoClassifier(program);
        ObjectDisposedException.ThrowIf(_isClosed, this);
        Put(program, Nl.NLM_F_REPLACE);
    }

    /// <summary>Removes the filter. It is no error if the filter or the interface is gone.</summary>
    /// <exception cref="NetlinkException">The kernel refused. The filter is still there, and may be disposed again.</exception>
    public void Dispose()
    {
        if (_isClosed)
            return;
        var ack = TrafficFilterRequest.Delete(_socket, _place);
        if (ack.Errno is not (Errno.ENOENT or Errno.ENODEV or Errno.EINVAL)) // EINVAL: the discipline is gone, and the filter with it
            NetlinkException.ThrowIfFailed(ack, $"remove filter {_place.Handle} of priority {_place.Priority} from interface {_place.InterfaceIndex}");
        _isClosed = true;
        _socket.Dispose();
    }

    /// <summary>Whether the filter is where it was put, with a program: somebody may have removed it, alone or with its queueing discipline, or replaced it.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    internal bool Holds(uint programId) => TcFilterList.Read(_socket, _place.InterfaceIndex, _direction)
        .Exists(f => f.Kind == _place.Kind && f.Priority == _place.Priority && f.Handle == _place.Handle && f.ProgramId == programId);

    /// <summary>Lets go of the filter, which stays.</summary>
    internal void Leave()
    {
        _isClosed = true;
        _socket.Dispose();
    }

    private static TrafficFilter PlaceOf(TcFilterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.InterfaceIndex);
        ArgumentOutOfRangeException.ThrowIfZero(options.Priority);
        ArgumentOutOfRangeException.ThrowIfZero(options.Handle);
        ThrowIfNoName(options.Name);
        return new(options.InterfaceIndex, new(TcFilterList.ParentOf(options.Direction)), "bpf")
        {
            Priority = options.Priority,
            Protocol = RtnlTc.AllProtocols,
            Handle = options.Handle,
        };
    }

    internal static void ThrowIfNoName(string? name)
    {
        if (name is not null && (name.Length == 0 || name.Contains('\0') || Encoding.UTF8.GetByteCount(name) > MaximumNameLength))
            throw new ArgumentException($"'{name}' is no name of a filter, which has 1 to {MaximumNameLength} bytes", nameof(name));
    }

    private static void ThrowIfNoClassifier(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (program.Type is not ProgramType.SchedClassifier)
            throw new ArgumentException($"program '{program.Name}' is a {program.Type}, tc takes a {ProgramType.SchedClassifier}", nameof(program));
    }

    private void EnsureDiscipline()
    {
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlTc.RTM_NEWQDISC, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL);
        request.Add(new TcMsg { InterfaceIndex = _place.InterfaceIndex, Handle = RtnlTc.ClsactHandle, Parent = RtnlTc.TC_H_CLSACT });
        request.Add(RtnlTc.TCA_KIND, "clsact");
        var ack = _socket.Execute(ref request);
        if (ack.Errno is not Errno.EEXIST)
            NetlinkException.ThrowIfFailed(ack, $"add clsact to interface {_place.InterfaceIndex}");
        else if (_direction is TcxDirection.Egress)
            ThrowIfIngressAlone();
    }

    // The older discipline of that place sees the packets that come alone. It takes a filter for those that leave, too, and shows it them.
    private void ThrowIfIngressAlone()
    {
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlTc.RTM_GETQDISC);
        request.Add(new TcMsg { InterfaceIndex = _place.InterfaceIndex, Parent = RtnlTc.TC_H_CLSACT });
        request.Add(RtnlTc.TCA_KIND, "clsact");
        if (_socket.Execute(ref request).Errno is Errno.EINVAL) // it is of another kind
        {
            throw new LinuxException(
                $"add clsact to interface {_place.InterfaceIndex}", Errno.EEXIST, "the queueing discipline 'ingress' is in its place, which packets that leave do not pass; delete it, or attach by tcx");
        }
    }

    private void Put(BpfProgram program, ushort flags)
    {
        using var lease = program.Handle.Lease();
        var request = TrafficFilterRequest.Start(stackalloc byte[TrafficFilterRequest.Length], RtnlTc.RTM_NEWTFILTER, flags, _place);
        var nested = request.BeginNested(RtnlTc.TCA_OPTIONS);
        request.Add(RtnlTc.TCA_BPF_FD, lease.Fd);
        request.Add(RtnlTc.TCA_BPF_NAME, _name ?? program.Name);
        request.Add(RtnlTc.TCA_BPF_FLAGS, RtnlTc.TCA_BPF_FLAG_ACT_DIRECT);
        request.EndNested(nested);
        NetlinkException.ThrowIfFailed(
            _socket.Execute(ref request),
            $"attach program '{program.Name}' to interface {_place.InterfaceIndex} (tc {_direction}, priority {_place.Priority}, filter {_place.Handle})");
    }
}
