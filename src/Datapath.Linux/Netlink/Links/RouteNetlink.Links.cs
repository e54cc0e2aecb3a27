using System.Net.NetworkInformation;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    /// <summary>Makes a pair of virtual Ethernet interfaces; what is sent into one comes out of the other. Both are down at first.</summary>
    /// <param name="name">The end in this namespace.</param>
    /// <param name="peerName">The other end.</param>
    /// <param name="peerNamespace">The namespace for the other end, an open nsfs file; <see langword="null"/> (the default) means this one.</param>
    /// <returns>The index of the end in this namespace.</returns>
    /// <exception cref="NetlinkException">A name is taken or not valid.</exception>
    public int CreateVeth(string name, string peerName, SafeFileHandle? peerNamespace = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(peerName);
        RequireOneName(peerName);
        using var peer = peerNamespace is null ? default : new FdLease(peerNamespace);
        var request = NewLink(stackalloc byte[RequestLength], name);
        var info = request.BeginNested(Rtnl.IFLA_LINKINFO);
        request.Add(Rtnl.IFLA_INFO_KIND, "veth");
        var data = request.BeginNested(Rtnl.IFLA_INFO_DATA);
        var other = request.BeginNested(Rtnl.VETH_INFO_PEER);
        request.Add(default(IfInfoMsg));
        request.Add(Rtnl.IFLA_IFNAME, peerName);
        if (peerNamespace is not null)
            request.Add(Rtnl.IFLA_NET_NS_FD, peer.Fd);
        request.EndNested(other);
        request.EndNested(data);
        request.EndNested(info);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"create veth pair '{name}' and '{peerName}'");
        return IndexOfNew(name);
    }

    /// <summary>Deletes an interface, of a veth pair both ends.</summary>
    /// <exception cref="NetlinkException">There is none (ENODEV), or it is one that cannot be deleted (EOPNOTSUPP).</exception>
    public void DeleteLink(int index)
    {
        var request = ChangeLink(stackalloc byte[RequestLength], index, type: Rtnl.RTM_DELLINK);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"delete interface {index}");
    }

    /// <summary>Sets an interface up.</summary>
    /// <exception cref="NetlinkException">There is none.</exception>
    public void SetLinkUp(int index)
    {
        var request = ChangeLink(stackalloc byte[RequestLength], index, Rtnl.IFF_UP, Rtnl.IFF_UP);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"set interface {index} up");
    }

    /// <summary>Sets an interface down; the kernel takes its routes (and its IPv6 addresses) away.</summary>
    /// <exception cref="NetlinkException">There is none.</exception>
    public void SetLinkDown(int index)
    {
        var request = ChangeLink(stackalloc byte[RequestLength], index, flags: 0, Rtnl.IFF_UP);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"set interface {index} down");
    }

    /// <summary>Sets the largest packet.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="mtu">In bytes, without the link header.</param>
    /// <exception cref="NetlinkException">There is no such interface, or it cannot carry so much or so little.</exception>
    public void SetLinkMtu(int index, int mtu)
    {
        var request = ChangeLink(stackalloc byte[RequestLength], index);
        request.Add(Rtnl.IFLA_MTU, mtu);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"set the MTU of interface {index} to {mtu}");
    }

    /// <summary>Makes an interface a port of a bridge (or a member of a bond or VRF).</summary>
    /// <param name="index">The interface.</param>
    /// <param name="masterIndex">The bridge; 0 takes the interface out of the one it is in.</param>
    /// <exception cref="NetlinkException">One of them is missing, or the two do not go together.</exception>
    public void SetLinkMaster(int index, int masterIndex)
    {
        var request = ChangeLink(stackalloc byte[RequestLength], index);
        request.Add(Rtnl.IFLA_MASTER, masterIndex);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"put interface {index} under interface {masterIndex}");
    }

    /// <summary>Sets the hardware address.</summary>
    /// <exception cref="NetlinkException">There is no such interface, or the address is not one for it.</exception>
    public void SetLinkMacAddress(int index, PhysicalAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var request = ChangeLink(stackalloc byte[RequestLength], index);
        request.Add(Rtnl.IFLA_ADDRESS, address.GetAddressBytes());
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"set the hardware address of interface {index} to {address}");
    }

    /// <summary>Gives an interface another name. Before Linux 6.2 it must be down.</summary>
    /// <exception cref="NetlinkException">There is no such interface, or the name is taken or not valid.</exception>
    public void RenameLink(int index, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var request = ChangeLink(stackalloc byte[RequestLength], index);
        request.Add(Rtnl.IFLA_IFNAME, name);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"rename interface {index} to '{name}'");
    }

    /// <summary>Moves an interface to another namespace. It goes down, and its addresses and routes are lost; its index may change.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="networkNamespace">Where to, an open nsfs file.</param>
    /// <exception cref="NetlinkException">There is no such interface, it is bound to its namespace, or its name is taken there.</exception>
    public void MoveLink(int index, SafeFileHandle networkNamespace)
    {
        ArgumentNullException.ThrowIfNull(networkNamespace);
        using var target = new FdLease(networkNamespace);
        var request = ChangeLink(stackalloc byte[RequestLength], index);
        request.Add(Rtnl.IFLA_NET_NS_FD, target.Fd);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"move interface {index} to another network namespace");
    }

    /// <summary>Puts an interface into a group, to which other tools can refer.</summary>
    /// <exception cref="NetlinkException">There is no such interface.</exception>
    public void SetLinkGroup(int index, uint group)
    {
        var request = ChangeLink(stackalloc byte[RequestLength], index);
        request.Add(Rtnl.IFLA_GROUP, group);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"put interface {index} into group {group}");
    }

    private static NetlinkWriter NewLink(Span<byte> buffer, string name)
    {
        RequireOneName(name);
        var request = new NetlinkWriter(buffer, Rtnl.RTM_NEWLINK, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL);
        request.Add(default(IfInfoMsg));
        request.Add(Rtnl.IFLA_IFNAME, name);
        return request;
    }

    private static void RequireOneName(string name)
    {
        if (name.Contains('%', StringComparison.Ordinal))
            throw new ArgumentException($"'{name}' has a '%', to the kernel a place for a number that it chooses: the interface would not have that name", nameof(name));
    }

    private static NetlinkWriter ChangeLink(Span<byte> buffer, int index, uint flags = 0, uint change = 0, ushort type = Rtnl.RTM_SETLINK)
    {
        // To the kernel 0 means "see the name", and a deletion that names nothing could hit a whole group.
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(index);
        var request = new NetlinkWriter(buffer, type);
        request.Add(new IfInfoMsg { Index = index, Flags = flags, Change = change });
        return request;
    }
}
