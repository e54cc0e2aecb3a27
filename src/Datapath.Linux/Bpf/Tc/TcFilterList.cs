using Datapath.Linux.Netlink;

namespace Datapath.Linux.Bpf;

/// <summary>Reads the filters of an interface in the order in which they run.</summary>
internal static class TcFilterList
{
    private const int RequestLength = 64;

    /// <summary>What the kernel lists: each priority once by itself, with handle 0, and each of its filters.</summary>
    public static List<TcFilterInfo> Read(NetlinkSocket socket, int interfaceIndex, TcxDirection direction)
    {
        var request = new NetlinkWriter(stackalloc byte[RequestLength], TcNetlink.RTM_GETTFILTER);
        request.Add(new TcMsg { InterfaceIndex = interfaceIndex, Parent = TcNetlink.ParentOf(direction) });
        var filters = new List<TcFilterInfo>();
        var ack = socket.Dump(ref request, filters.Clear, message =>
        {
            if (message.Type is TcNetlink.RTM_NEWTFILTER)
                filters.Add(Read(message));
        });
        NetlinkException.ThrowIfFailed(ack, $"list the filters of interface {interfaceIndex} (tc {direction})");
        return filters;
    }

    private static TcFilterInfo Read(NetlinkMessage message)
    {
        var header = message.ReadHeader<TcMsg>();
        var filter = new TcFilterInfo((int)(header.Info >> 16), header.Handle, "", "", 0);
        foreach (var attribute in message.AttributesAfter<TcMsg>())
        {
            // The kind comes first, and the numbers of options are each kind's own.
            if (attribute.Type is TcNetlink.TCA_KIND)
                filter = filter with { Kind = attribute.AsString() };
            else if (attribute.Type is TcNetlink.TCA_OPTIONS && filter.Kind == "bpf")
                filter = WithProgram(filter, attribute);
        }

        return filter;
    }

    private static TcFilterInfo WithProgram(TcFilterInfo filter, NetlinkAttribute options)
    {
        foreach (var attribute in options.Nested())
        {
            filter = attribute.Type switch
            {
                TcNetlink.TCA_BPF_NAME => filter with { Name = attribute.AsString() },
                TcNetlink.TCA_BPF_ID => filter with { ProgramId = attribute.As<uint>() },
                _ => filter,
            };
        }

        return filter;
    }
}
