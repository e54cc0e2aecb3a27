using System.Text;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    /// <summary>All interfaces, in the order of the kernel.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<NetworkLink> ListLinks()
    {
        var request = QueryLinks(stackalloc byte[RequestLength], index: 0);
        return List(ref request, NetworkLinkReader.Read, "interfaces");
    }

    /// <summary>The interface of that name, or alternative name; <see langword="null"/> if there is none.</summary>
    /// <exception cref="NetlinkException">The name cannot be one.</exception>
    public NetworkLink? FindLink(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var link = QueryLink(name, out var ack);
        if (ack.Errno is Errno.ENODEV)
            return null;
        NetlinkException.ThrowIfFailed(ack, $"find interface '{name}'");
        return link;
    }

    /// <summary>The interface of that name, or alternative name.</summary>
    /// <exception cref="NetlinkException">There is none (ENODEV).</exception>
    public NetworkLink GetLink(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var link = QueryLink(name, out var ack);
        NetlinkException.ThrowIfFailed(ack, $"find interface '{name}'");
        return link!;
    }

    /// <summary>The interface of that index.</summary>
    /// <exception cref="NetlinkException">There is none (ENODEV).</exception>
    public NetworkLink GetLink(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(index);
        var request = QueryLinks(stackalloc byte[RequestLength], index);
        NetworkLink? link = null;
        var ack = _socket.Execute(ref request, message => link = NetworkLinkReader.Read(message));
        NetlinkException.ThrowIfFailed(ack, $"find interface {index}");
        return link!;
    }

    /// <summary>What an interface has counted since it was made.</summary>
    /// <exception cref="NetlinkException">There is no such interface (ENODEV).</exception>
    public NetworkLinkStatistics GetLinkStatistics(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(index);
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Rtnl.RTM_GETLINK);
        request.Add(new IfInfoMsg { Index = index });
        NetworkLinkStatistics statistics = default;
        var ack = _socket.Execute(ref request, message => statistics = NetworkLinkReader.ReadStatistics(message));
        NetlinkException.ThrowIfFailed(ack, $"read the statistics of interface {index}");
        return statistics;
    }

    private static NetlinkWriter QueryLinks(Span<byte> buffer, int index)
    {
        var request = new NetlinkWriter(buffer, Rtnl.RTM_GETLINK);
        request.Add(new IfInfoMsg { Index = index });
        request.Add(Rtnl.IFLA_EXT_MASK, Rtnl.RTEXT_FILTER_SKIP_STATS); // they are most of an answer
        return request;
    }

    private NetworkLink? QueryLink(string name, out NetlinkAck ack)
    {
        var request = QueryLinks(stackalloc byte[RequestLength], index: 0);
        request.Add(Encoding.UTF8.GetByteCount(name) <= MaximumNameLength ? Rtnl.IFLA_IFNAME : Rtnl.IFLA_ALT_IFNAME, name);
        NetworkLink? link = null;
        ack = _socket.Execute(ref request, message => link = NetworkLinkReader.Read(message));
        return link;
    }
}
