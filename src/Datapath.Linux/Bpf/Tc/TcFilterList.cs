using Datapath.Linux.Netlink;

namespace Datapath.Linux.Bpf;

/// <summary>Reads the filters of an interface in the order in which they run.</summary>
internal static class TcFilterList
{
    private const int RequestLength = 64;

    /// <summary>What the kernel lists: each priority once by itself, with handle 0, and each of its filters.</summary>
    public static List<TrafficFilter> Read(NetlinkSocket socket, int interfaceIndex, TcxDirection direction)
    {
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlTc.RTM_GETTFILTER);
        request.Add(new TcMsg { InterfaceIndex = interfaceIndex, Parent = ParentOf(direction) });
        var filters = new List<TrafficFilter>();
        var ack = socket.Dump(ref request, filters.Clear, message =>
        {
            if (TrafficControlReader.ReadFilter(message, withHeads: true) is { } filter)
                filters.Add(filter);
        });
        NetlinkException.ThrowIfFailed(ack, $"list the filters of interface {interfaceIndex} (tc {direction})");
        return filters;
    }

    /// <summary>Where the filters for a direction are.</summary>
    public static uint ParentOf(TcxDirection direction) => direction switch
    {
        TcxDirection.Ingress => TcHandle.Ingress.Value,
        TcxDirection.Egress => TcHandle.Egress.Value,
        _ => throw new ArgumentOutOfRangeException(nameof(direction), direction, "no direction"),
    };
}
