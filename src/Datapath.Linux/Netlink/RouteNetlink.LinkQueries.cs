using System.Text;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    /// <summary>All interfaces, in the order of the kernel.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<NetworkLink> ListLinks()
    {
        var request = QueryLinks(stackalloc byte[RequestLength], index: 0);
        return List(ref request, ReadLink, "interfaces");
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
        var ack = _socket.Execute(ref request, message => link = ReadLink(message));
        NetlinkException.ThrowIfFailed(ack, $"find interface {index}");
        return link!;
    }

    private static NetlinkWriter QueryLinks(Span<byte> buffer, int index)
    {
        var request = new NetlinkWriter(buffer, Rtnl.RTM_GETLINK);
        request.Add(new IfInfoMsg { Index = index });
        request.Add(Rtnl.IFLA_EXT_MASK, Rtnl.RTEXT_FILTER_SKIP_STATS); // they are most of an answer, and nobody reads them here
        return request;
    }

    internal static NetworkLink? ReadLink(NetlinkMessage message)
    {
        if (message.Type is not Rtnl.RTM_NEWLINK)
            return null;
        var header = message.ReadHeader<IfInfoMsg>();
        var link = new NetworkLink { Index = header.Index, Name = "", Flags = header.Flags };
        foreach (var attribute in message.AttributesAfter<IfInfoMsg>())
        {
            link = attribute.Type switch
            {
                Rtnl.IFLA_IFNAME => link with { Name = attribute.AsString() },
                Rtnl.IFLA_MTU => link with { Mtu = attribute.As<int>() },
                Rtnl.IFLA_ADDRESS => link with { MacAddress = new(attribute.Value.ToArray()) },
                Rtnl.IFLA_MASTER => link with { MasterIndex = attribute.As<int>() },
                Rtnl.IFLA_LINK => link with { LinkedIndex = attribute.As<int>() },
                Rtnl.IFLA_LINKINFO => link with { Kind = ReadKind(attribute) },
                _ => link,
            };
        }

        return link;
    }

    private static string? ReadKind(NetlinkAttribute info)
    {
        foreach (var attribute in info.Nested())
        {
            if (attribute.Type is Rtnl.IFLA_INFO_KIND)
                return attribute.AsString();
        }

        return null;
    }

    private NetworkLink? QueryLink(string name, out NetlinkAck ack)
    {
        var request = QueryLinks(stackalloc byte[RequestLength], index: 0);
        request.Add(Encoding.UTF8.GetByteCount(name) <= MaximumNameLength ? Rtnl.IFLA_IFNAME : Rtnl.IFLA_ALT_IFNAME, name);
        NetworkLink? link = null;
        ack = _socket.Execute(ref request, message => link = ReadLink(message));
        return link;
    }
}
