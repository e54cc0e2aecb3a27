namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    /// <summary>Adds a queueing discipline. At the root it takes the place of the one that the kernel has put there.</summary>
    /// <exception cref="NetlinkException">
    /// The kernel has no such kind (ENOENT), there is one already (EEXIST), or there is no such interface (ENODEV).
    /// </exception>
    public void AddQueue(QueueDiscipline queue) => PutQueue(queue, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, "add");

    /// <summary>Adds a queueing discipline, or changes the one in its place: one of the same kind keeps the packets that wait.</summary>
    /// <exception cref="NetlinkException">The kernel has no such kind (ENOENT), or there is no such interface (ENODEV).</exception>
    public void ReplaceQueue(QueueDiscipline queue) => PutQueue(queue, Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE, "replace");

    /// <summary>Deletes the queueing discipline in a place; at the root the kernel puts its usual one there.</summary>
    /// <exception cref="NetlinkException">There is none but the usual one (ENOENT, or EINVAL if a handle is given), or there is no such interface (ENODEV).</exception>
    public void DeleteQueue(QueueDiscipline queue)
    {
        var request = QueueRequest(stackalloc byte[RequestLength], RtnlTc.RTM_DELQDISC, flags: 0, queue);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"delete queueing discipline {queue.Options.Kind} of interface {queue.InterfaceIndex}");
    }

    /// <summary>The queueing disciplines of one interface, or of all.</summary>
    /// <param name="index">The interface; 0 (the default) means all.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<QueueDiscipline> ListQueues(int index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlTc.RTM_GETQDISC);
        request.Add(default(TcMsg));
        return List(
            ref request,
            message => TrafficControlReader.ReadQueue(message) is { } item && (index is 0 || item.InterfaceIndex == index) ? item : null,
            "queueing disciplines");
    }

    /// <summary>The classes of the queueing disciplines of an interface.</summary>
    /// <param name="index">The interface.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<TrafficClass> ListTrafficClasses(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(index);
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlTc.RTM_GETTCLASS);
        request.Add(new TcMsg { InterfaceIndex = index });
        return List(ref request, TrafficControlReader.ReadClass, $"the traffic classes of interface {index}");
    }

    /// <summary>The filters of one place, in the order in which they are asked; none if there is no queueing discipline.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="parent">The place, for example <see cref="TcHandle.Ingress"/>.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<TrafficFilter> ListTrafficFilters(int index, TcHandle parent)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(index);
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlTc.RTM_GETTFILTER);
        request.Add(new TcMsg { InterfaceIndex = index, Parent = parent.Value });
        return List(ref request, static message => TrafficControlReader.ReadFilter(message), $"the filters of {parent} of interface {index}");
    }

    /// <summary>Deletes a filter, whoever added it. Its place and its kind say which one it is; what else is known of it does not matter.</summary>
    /// <param name="filter">The filter, as <see cref="ListTrafficFilters"/> gives it. With handle 0, all filters of its priority.</param>
    /// <exception cref="ArgumentException">It has no priority.</exception>
    /// <exception cref="NetlinkException">
    /// There is none (ENOENT), one of another kind or no queueing discipline in its place (EINVAL), or there is no such interface (ENODEV).
    /// </exception>
    public void DeleteTrafficFilter(TrafficFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(filter.InterfaceIndex, nameof(filter));
        ArgumentOutOfRangeException.ThrowIfZero(filter.Priority, nameof(filter)); // the kernel would take it for all filters
        NetlinkException.ThrowIfFailed(
            TrafficFilterRequest.Delete(_socket, filter),
            $"delete filter {filter.Handle} of priority {filter.Priority} at {filter.Parent} of interface {filter.InterfaceIndex}");
    }

    private static NetlinkWriter QueueRequest(Span<byte> buffer, ushort type, ushort flags, QueueDiscipline queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        ArgumentNullException.ThrowIfNull(queue.Options, nameof(queue));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(queue.InterfaceIndex, nameof(queue));
        var isClsact = queue.Options is ClsactOptions;
        var request = new NetlinkWriter(buffer, type, flags);
        request.Add(new TcMsg
        {
            InterfaceIndex = queue.InterfaceIndex,
            Handle = isClsact ? RtnlTc.ClsactHandle : queue.Handle.Value,
            Parent = isClsact ? RtnlTc.TC_H_CLSACT : queue.Parent.Value,
        });
        request.Add(RtnlTc.TCA_KIND, queue.Options.Kind);
        return request;
    }

    private void PutQueue(QueueDiscipline queue, ushort flags, string verb)
    {
        var request = QueueRequest(stackalloc byte[RequestLength], RtnlTc.RTM_NEWQDISC, flags, queue);
        var options = request.BeginNested(RtnlTc.TCA_OPTIONS);
        queue.Options.Write(ref request);
        request.EndNested(options);
        NetlinkException.ThrowIfFailed(
            _socket.Execute(ref request),
            $"{verb} queueing discipline {queue.Options.Kind} at {queue.Parent} of interface {queue.InterfaceIndex}");
    }
}
