using System.Net;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    /// <summary>
    /// Gives an interface an address. The kernel is told not to look for duplicates of an IPv6 address first, so that it can be bound to at once; its
    /// route comes a moment later, when the interface is up and has a carrier. What is sent before that finds no way.
    /// </summary>
    /// <param name="index">The interface.</param>
    /// <param name="address">The address.</param>
    /// <param name="prefixLength">How many leading bits name the network on the link: 32 or 128 for a single host.</param>
    /// <exception cref="NetlinkException">The interface has it already (EEXIST), there is no such interface (ENODEV), or the address is not one for it.</exception>
    public void AddAddress(int index, IPAddress address, int prefixLength)
    {
        var request = AddressRequest(stackalloc byte[RequestLength], Rtnl.RTM_NEWADDR, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, index, address, prefixLength);
        if (FamilyOf(address) is Libc.AF_INET6)
            request.Add(Rtnl.IFA_FLAGS, Rtnl.IFA_F_NODAD);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"add address {address}/{prefixLength} to interface {index}");
    }

    /// <summary>Takes an address from an interface.</summary>
    /// <exception cref="NetlinkException">The interface does not have it (EADDRNOTAVAIL), or there is no such interface.</exception>
    public void DeleteAddress(int index, IPAddress address, int prefixLength)
    {
        var request = AddressRequest(stackalloc byte[RequestLength], Rtnl.RTM_DELADDR, flags: 0, index, address, prefixLength);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"delete address {address}/{prefixLength} from interface {index}");
    }

    /// <summary>The IPv4 and IPv6 addresses of one interface, or of all.</summary>
    /// <param name="index">The interface; 0 (the default) means all.</param>
    /// <returns>The addresses; none if there is no such interface.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<NetworkAddress> ListAddresses(int index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);

        // Not filtered by interface in the kernel: a listing filtered so is never marked as interrupted (seen on Linux 6.18).
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Rtnl.RTM_GETADDR);
        request.Add(new IfAddrMsg { Family = Libc.AF_UNSPEC });
        return List(ref request, message => ReadAddress(message) is { } item && (index is 0 || item.InterfaceIndex == index) ? item : null, "addresses");
    }

    private static NetlinkWriter AddressRequest(Span<byte> buffer, ushort type, ushort flags, int index, IPAddress address, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(index);
        ArgumentNullException.ThrowIfNull(address);
        var family = FamilyOf(address);
        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, family is Libc.AF_INET ? 32 : 128);
        var request = new NetlinkWriter(buffer, type, flags);
        request.Add(new IfAddrMsg { Family = family, PrefixLength = (byte)prefixLength, Index = (uint)index });
        request.Add(Rtnl.IFA_LOCAL, address);
        request.Add(Rtnl.IFA_ADDRESS, address); // the other end of a point-to-point link; our own on all others
        return request;
    }

    internal static NetworkAddress? ReadAddress(NetlinkMessage message)
    {
        if (message.Type is not (Rtnl.RTM_NEWADDR or Rtnl.RTM_DELADDR))
            return null;
        var header = message.ReadHeader<IfAddrMsg>();
        IPAddress? local = null;
        IPAddress? address = null;
        var flags = (uint)header.Flags;
        foreach (var attribute in message.AttributesAfter<IfAddrMsg>())
        {
            switch (attribute.Type)
            {
                case Rtnl.IFA_LOCAL:
                    local = attribute.AsAddress();
                    break;
                case Rtnl.IFA_ADDRESS:
                    address = attribute.AsAddress();
                    break;
                case Rtnl.IFA_FLAGS:
                    flags = attribute.As<uint>(); // 32 bits, where the header has 8
                    break;
                default:
                    break;
            }
        }

        // IPv6 gives IFA_LOCAL only for point-to-point links.
        return (local ?? address) is { } own
            ? new((int)header.Index, own, header.PrefixLength) { IsTentative = (flags & Rtnl.IFA_F_TENTATIVE) != 0, IsDeprecated = (flags & Rtnl.IFA_F_DEPRECATED) != 0 }
            : null;
    }
}
