using System.Buffers.Binary;
using System.Net;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    /// <summary>Makes a bridge, down at first.</summary>
    /// <returns>Its index.</returns>
    /// <exception cref="NetlinkException">The name is taken or not valid.</exception>
    public int CreateBridge(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var request = NewLink(stackalloc byte[RequestLength], name);
        var info = request.BeginNested(Rtnl.IFLA_LINKINFO);
        request.Add(Rtnl.IFLA_INFO_KIND, "bridge");
        request.EndNested(info);
        return Create(ref request, "bridge", name);
    }

    /// <summary>Makes a VXLAN interface, down at first.</summary>
    /// <param name="name">The name.</param>
    /// <param name="options">How it sends.</param>
    /// <returns>Its index.</returns>
    /// <exception cref="ArgumentException">The options do not go together.</exception>
    /// <exception cref="NetlinkException">
    /// The name is taken or not valid, another interface has the network and port (EEXIST), or the kernel has no VXLAN (EOPNOTSUPP).
    /// </exception>
    public int CreateVxlan(string name, VxlanOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.Id, 0xff_ffffU, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.Port, ushort.MaxValue, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(options.LowerIndex, nameof(options));
        if (options is { Local: { } own, Remote: { } other } && FamilyOf(own) != FamilyOf(other))
            throw new ArgumentException($"the remote {other} is not of the family of the local address {own}", nameof(options));
        var request = NewLink(stackalloc byte[RequestLength], name);
        var info = request.BeginNested(Rtnl.IFLA_LINKINFO);
        request.Add(Rtnl.IFLA_INFO_KIND, "vxlan");
        var data = request.BeginNested(Rtnl.IFLA_INFO_DATA);
        request.Add(RtnlLinkKinds.IFLA_VXLAN_ID, options.Id);
        request.Add(RtnlLinkKinds.IFLA_VXLAN_PORT, BinaryPrimitives.ReverseEndianness((ushort)options.Port));
        request.Add(RtnlLinkKinds.IFLA_VXLAN_LEARNING, options.IsLearning ? (byte)1 : (byte)0);
        if (options.CollectsMetadata)
            request.Add(RtnlLinkKinds.IFLA_VXLAN_COLLECT_METADATA, (byte)1);
        if (options.LowerIndex > 0)
            request.Add(RtnlLinkKinds.IFLA_VXLAN_LINK, options.LowerIndex);
        if (options.Local is { } local)
            request.Add(IsIpv4(local) ? RtnlLinkKinds.IFLA_VXLAN_LOCAL : RtnlLinkKinds.IFLA_VXLAN_LOCAL6, local);
        if (options.Remote is { } remote)
            request.Add(IsIpv4(remote) ? RtnlLinkKinds.IFLA_VXLAN_GROUP : RtnlLinkKinds.IFLA_VXLAN_GROUP6, remote);
        request.EndNested(data);
        request.EndNested(info);
        return Create(ref request, "VXLAN interface", name);
    }

    /// <summary>Makes an interface with a hardware address of its own on top of another one, down at first.</summary>
    /// <param name="name">The name.</param>
    /// <param name="lowerIndex">The interface below.</param>
    /// <param name="mode">How it sees its siblings. The default is <see cref="MacvlanMode.Bridge"/>.</param>
    /// <returns>Its index.</returns>
    /// <exception cref="NetlinkException">The name is taken or not valid, or the interface below is missing (ENODEV) or cannot have one (EBUSY, EINVAL).</exception>
    public int CreateMacvlan(string name, int lowerIndex, MacvlanMode mode = MacvlanMode.Bridge)
    {
        var request = NewUpper(stackalloc byte[RequestLength], name, lowerIndex);
        AddKind(ref request, "macvlan", RtnlLinkKinds.IFLA_MACVLAN_MODE, (uint)mode);
        return Create(ref request, "macvlan interface", name);
    }

    /// <summary>Makes an interface for the frames of an 802.1Q VLAN of another one, down at first.</summary>
    /// <param name="name">The name.</param>
    /// <param name="lowerIndex">The interface below.</param>
    /// <param name="vlanId">The VLAN, 0 to 4094.</param>
    /// <returns>Its index.</returns>
    /// <exception cref="NetlinkException">
    /// The name is taken or not valid, the interface below is missing (ENODEV) or has that VLAN (EEXIST), or the kernel has no VLANs (EOPNOTSUPP).
    /// </exception>
    public int CreateVlan(string name, int lowerIndex, int vlanId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(vlanId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vlanId, 4094);
        var request = NewUpper(stackalloc byte[RequestLength], name, lowerIndex);
        AddKind(ref request, "vlan", RtnlLinkKinds.IFLA_VLAN_ID, (ushort)vlanId);
        return Create(ref request, "VLAN interface", name);
    }

    private static NetlinkWriter NewUpper(Span<byte> buffer, string name, int lowerIndex)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lowerIndex);
        var request = NewLink(buffer, name);
        request.Add(Rtnl.IFLA_LINK, lowerIndex);
        return request;
    }

    // Of a kind that one attribute describes.
    private static void AddKind<T>(ref NetlinkWriter request, string kind, ushort attribute, T value)
        where T : unmanaged
    {
        var info = request.BeginNested(Rtnl.IFLA_LINKINFO);
        request.Add(Rtnl.IFLA_INFO_KIND, kind);
        var data = request.BeginNested(Rtnl.IFLA_INFO_DATA);
        request.Add(attribute, value);
        request.EndNested(data);
        request.EndNested(info);
    }

    private static bool IsIpv4(IPAddress address) => FamilyOf(address) is Libc.AF_INET;

    private int Create(ref NetlinkWriter request, string what, string name)
    {
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"create {what} '{name}'");
        return IndexOfNew(name);
    }

    // Nobody learns of an interface that cannot be found, so it does not stay.
    private int IndexOfNew(string name)
    {
        try
        {
            return GetLink(name).Index;
        }
        catch (NetlinkException e) when (e.Errno is Errno.ENODEV)
        {
            throw; // renamed, moved or deleted already: who did it knows it
        }
        catch
        {
            _ = TryDeleteLink(name);
            throw;
        }
    }

    private NetlinkAck TryDeleteLink(string name)
    {
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Rtnl.RTM_DELLINK);
        request.Add(default(IfInfoMsg));
        request.Add(Rtnl.IFLA_IFNAME, name);
        return _socket.Execute(ref request);
    }
}
