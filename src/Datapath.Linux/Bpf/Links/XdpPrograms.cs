using Datapath.Linux.Netlink;

namespace Datapath.Linux.Bpf;

/// <summary>What XDP runs at an interface, by whomever it was attached. A program that a network card runs itself is not told.</summary>
/// <param name="Generic">The program that the stack runs, by id; 0 if there is none.</param>
/// <param name="Native">The program that the driver runs, by id; 0 if there is none.</param>
/// <remarks>Minimum kernel: 5.0.</remarks>
public sealed record XdpPrograms(uint Generic, uint Native)
{
    private const int RequestLength = 64;

    /// <summary>Asks an interface. Minimum kernel: 5.0.</summary>
    /// <param name="interfaceIndex">The interface, by its number in the network namespace of the calling thread.</param>
    /// <exception cref="NetlinkException">The kernel refused: ENODEV without such an interface.</exception>
    public static XdpPrograms Query(int interfaceIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(interfaceIndex);
        using var socket = new NetlinkSocket(Nl.NETLINK_ROUTE);
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Rtnl.RTM_GETLINK);
        request.Add(new IfInfoMsg { Index = interfaceIndex });
        request.Add(Rtnl.IFLA_EXT_MASK, Rtnl.RTEXT_FILTER_SKIP_STATS);
        var programs = new XdpPrograms(0, 0);
        var ack = socket.Execute(ref request, message =>
        {
            if (message.Type is not Rtnl.RTM_NEWLINK)
                return;
            foreach (var attribute in message.AttributesAfter<IfInfoMsg>())
            {
                if (attribute.Type is Rtnl.IFLA_XDP)
                    programs = Read(attribute);
            }
        });
        NetlinkException.ThrowIfFailed(ack, $"query the programs of interface {interfaceIndex} (XDP)");
        return programs;
    }

    private static XdpPrograms Read(NetlinkAttribute xdp)
    {
        var (generic, native) = (0u, 0u);
        foreach (var attribute in xdp.Nested())
        {
            if (attribute.Type is Rtnl.IFLA_XDP_SKB_PROG_ID)
                generic = attribute.As<uint>();
            else if (attribute.Type is Rtnl.IFLA_XDP_DRV_PROG_ID)
                native = attribute.As<uint>();
        }

        return new(generic, native);
    }
}
