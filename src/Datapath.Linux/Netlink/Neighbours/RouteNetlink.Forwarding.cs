using System.Buffers.Binary;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    /// <summary>Adds a forwarding entry.</summary>
    /// <exception cref="NetlinkException">There is one for that hardware address (EEXIST), or the interface cannot have one (EOPNOTSUPP).</exception>
    public void AddForwardingEntry(ForwardingEntry entry) => PutForwardingEntry(entry, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL, "add");

    /// <summary>
    /// Adds a remote to a forwarding entry of a VXLAN interface, which is made if it is missing: frames to the address, all zeros or a multicast one,
    /// go to all remotes.
    /// </summary>
    /// <exception cref="NetlinkException">The interface cannot have one (EOPNOTSUPP).</exception>
    public void AppendForwardingEntry(ForwardingEntry entry) => PutForwardingEntry(entry, Nl.NLM_F_CREATE | Nl.NLM_F_APPEND, "append");

    /// <summary>Adds a forwarding entry in the place of what is there for that hardware address.</summary>
    /// <exception cref="NetlinkException">The interface cannot have one (EOPNOTSUPP).</exception>
    public void ReplaceForwardingEntry(ForwardingEntry entry) => PutForwardingEntry(entry, Nl.NLM_F_CREATE | Nl.NLM_F_REPLACE, "replace");

    /// <summary>Deletes the forwarding entry of that interface, hardware address and VLAN; with a remote only that of several.</summary>
    /// <exception cref="NetlinkException">There is none (ENOENT).</exception>
    public void DeleteForwardingEntry(ForwardingEntry entry)
    {
        var request = ForwardingRequest(stackalloc byte[RequestLength], RtnlNeighbours.RTM_DELNEIGH, flags: 0, entry);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"delete forwarding entry {entry.MacAddress} of interface {entry.InterfaceIndex}");
    }

    /// <summary>The forwarding entries of one interface, or of all; an entry with several remotes comes once for each.</summary>
    /// <param name="index">The port of a bridge, or the VXLAN interface; 0 (the default) means all.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<ForwardingEntry> ListForwardingEntries(int index = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlNeighbours.RTM_GETNEIGH);
        request.Add(new NdMsg { Family = RtnlNeighbours.AF_BRIDGE });
        return List(
            ref request,
            message => ForwardingEntryReader.Read(message) is { } item && (index is 0 || item.InterfaceIndex == index) ? item : null,
            "forwarding entries");
    }

    private static NetlinkWriter ForwardingRequest(Span<byte> buffer, ushort type, ushort flags, ForwardingEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(entry.MacAddress, nameof(entry));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(entry.InterfaceIndex, nameof(entry));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)entry.RemotePort, ushort.MaxValue, nameof(entry));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)entry.VlanId, 4094U, nameof(entry));
        var own = entry.IsOfBridge ? RtnlNeighbours.NTF_MASTER : RtnlNeighbours.NTF_SELF;
        own |= entry.IsExternallyLearned ? RtnlNeighbours.NTF_EXT_LEARNED : (byte)0;
        var request = new NetlinkWriter(buffer, type, flags);
        request.Add(new NdMsg { Family = RtnlNeighbours.AF_BRIDGE, Index = entry.InterfaceIndex, State = (ushort)entry.State, Flags = own });
        AddMac(ref request, entry.MacAddress);
        if (entry.Remote is { } remote)
            request.Add(RtnlNeighbours.NDA_DST, remote);
        if (entry.RemotePort > 0)
            request.Add(RtnlNeighbours.NDA_PORT, BinaryPrimitives.ReverseEndianness((ushort)entry.RemotePort));
        if (entry.RemoteNetworkId is { } network)
            request.Add(RtnlNeighbours.NDA_VNI, network);
        if (entry.VlanId > 0)
            request.Add(RtnlNeighbours.NDA_VLAN, (ushort)entry.VlanId);
        return request;
    }

    private void PutForwardingEntry(ForwardingEntry entry, ushort flags, string verb)
    {
        var request = ForwardingRequest(stackalloc byte[RequestLength], RtnlNeighbours.RTM_NEWNEIGH, flags, entry);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"{verb} forwarding entry {entry.MacAddress} of interface {entry.InterfaceIndex}");
    }
}
