using System.Collections.Immutable;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Bpf;

/// <summary>
/// A program attached to the packets of an interface by the older way of kernels without <see cref="TcxLink"/>: as a filter of traffic control, on the
/// clsact queueing discipline, which is made if it is missing and stays. Minimum kernel: 4.5.
/// </summary>
/// <remarks>This is no link: the filter stays when the process ends without disposing this object, and anyone may remove it. The program is a
/// <see cref="ProgramType.SchedClassifier"/>; its return value decides at once (0 pass, 2 drop, -1 or 3 the next filter's turn).</remarks>
public sealed class TcFilter : IDisposable
{
    private const int RequestLength = 256;

    private readonly NetlinkSocket _socket;
    private readonly TcFilterOptions _options;
    private bool _isRemoved;

    private TcFilter(NetlinkSocket socket, TcFilterOptions options) => (_socket, _options) = (socket, options);

    /// <summary>Attaches a program.</summary>
    /// <param name="program">The program, a <see cref="ProgramType.SchedClassifier"/>.</param>
    /// <param name="options">Where.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="NetlinkException">
    /// The kernel refused: ENODEV without such an interface, EEXIST if the place is taken, ENOENT if the kernel has no clsact or no BPF filters.
    /// </exception>
    public static TcFilter Attach(BpfProgram program, TcFilterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.InterfaceIndex);
        ArgumentOutOfRangeException.ThrowIfZero(options.Priority);
        ArgumentOutOfRangeException.ThrowIfZero(options.Handle);
        ThrowIfNoClassifier(program);
        var filter = new TcFilter(new(Nl.NETLINK_ROUTE), options);
        try
        {
            filter.EnsureDiscipline();
            filter.Put(program, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL);
            return filter;
        }
        catch
        {
            filter._socket.Dispose();
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
        return [.. TcFilterList.Read(socket, interfaceIndex, direction).Where(static f => f.Handle != 0)];
    }

    /// <summary>Replaces the program in one atomic step: there is no moment without one.</summary>
    /// <param name="program">The new program.</param>
    /// <exception cref="ArgumentException">The program is of another kind.</exception>
    /// <exception cref="NetlinkException">The kernel refused: ENOENT if somebody removed the filter, EINVAL if the queueing discipline too.</exception>
    public void Update(BpfProgram program)
    {
        ThrowIfNoClassifier(program);
        ObjectDisposedException.ThrowIf(_isRemoved, this);
        Put(program, Nl.NLM_F_REPLACE);
    }

    /// <summary>Removes the filter. It is no error if the filter or the interface is gone.</summary>
    /// <exception cref="NetlinkException">The kernel refused. The filter is still there, and may be disposed again.</exception>
    public void Dispose()
    {
        if (_isRemoved)
            return;
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlTc.RTM_DELTFILTER);
        request.Add(Header);
        request.Add(RtnlTc.TCA_KIND, "bpf");
        var ack = _socket.Execute(ref request);
        if (ack.Errno is not (Errno.ENOENT or Errno.ENODEV or Errno.EINVAL)) // EINVAL: the discipline is gone, and the filter with it
            NetlinkException.ThrowIfFailed(ack, $"remove filter {_options.Handle} of priority {_options.Priority} from interface {_options.InterfaceIndex}");
        _isRemoved = true;
        _socket.Dispose();
    }

    private TcMsg Header => new()
    {
        InterfaceIndex = _options.InterfaceIndex,
        Handle = _options.Handle,
        Parent = TcFilterList.ParentOf(_options.Direction),
        Info = ((uint)_options.Priority << 16) | RtnlTc.AllProtocols,
    };

    private static void ThrowIfNoClassifier(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (program.Type is not ProgramType.SchedClassifier)
            throw new ArgumentException($"program '{program.Name}' is a {program.Type}, tc takes a {ProgramType.SchedClassifier}", nameof(program));
    }

    private void EnsureDiscipline()
    {
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlTc.RTM_NEWQDISC, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL);
        request.Add(new TcMsg { InterfaceIndex = _options.InterfaceIndex, Handle = RtnlTc.ClsactHandle, Parent = RtnlTc.TC_H_CLSACT });
        request.Add(RtnlTc.TCA_KIND, "clsact");
        var ack = _socket.Execute(ref request);
        if (ack.Errno is not Errno.EEXIST)
            NetlinkException.ThrowIfFailed(ack, $"add clsact to interface {_options.InterfaceIndex}");
    }

    private void Put(BpfProgram program, ushort flags)
    {
        using var lease = program.Handle.Lease();
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlTc.RTM_NEWTFILTER, flags);
        request.Add(Header);
        request.Add(RtnlTc.TCA_KIND, "bpf");
        var nested = request.BeginNested(RtnlTc.TCA_OPTIONS);
        request.Add(RtnlTc.TCA_BPF_FD, lease.Fd);
        request.Add(RtnlTc.TCA_BPF_NAME, program.Name);
        request.Add(RtnlTc.TCA_BPF_FLAGS, RtnlTc.TCA_BPF_FLAG_ACT_DIRECT);
        request.EndNested(nested);
        NetlinkException.ThrowIfFailed(
            _socket.Execute(ref request),
            $"attach program '{program.Name}' to interface {_options.InterfaceIndex} (tc {_options.Direction}, priority {_options.Priority}, filter {_options.Handle})");
    }
}
