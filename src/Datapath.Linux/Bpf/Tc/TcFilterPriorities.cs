using Datapath.Linux.Netlink;

namespace Datapath.Linux.Bpf;

/// <summary>The priorities of the filters of an interface, by whomever they were made.</summary>
internal static class TcFilterPriorities
{
    private const int RequestLength = 64;

    public static HashSet<int> Read(NetlinkSocket socket, int interfaceIndex, TcxDirection direction)
    {
        var request = new NetlinkWriter(stackalloc byte[RequestLength], TcNetlink.RTM_GETTFILTER);
        request.Add(new TcMsg { InterfaceIndex = interfaceIndex, Parent = TcNetlink.ParentOf(direction) });
        var priorities = new HashSet<int>();
        var ack = socket.Dump(ref request, priorities.Clear, message =>
        {
            if (message.Type is TcNetlink.RTM_NEWTFILTER)
                priorities.Add((int)(message.ReadHeader<TcMsg>().Info >> 16));
        });
        NetlinkException.ThrowIfFailed(ack, $"list the filters of interface {interfaceIndex} (tc {direction})");
        return priorities;
    }
}
