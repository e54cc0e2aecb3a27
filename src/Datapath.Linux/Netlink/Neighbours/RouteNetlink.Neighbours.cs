using System.Net.NetworkInformation;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    /// <summary>Adds a neighbour, or a proxy.</summary>
    /// <exception cref="NetlinkException">There is one with that address (EEXIST), or no such interface (ENODEV).</exception>
    public void AddNeighbour(NetworkNeighbour neighbour) => PutNeighbour(neighbour, Nl.NLM_F_EXCL, "add");

    /// <summary>Adds a neighbour, or a proxy, in the place of what is there with that address.</summary>
    /// <exception cref="NetlinkException">There is no such interface (ENODEV).</exception>
    public void ReplaceNeighbour(NetworkNeighbour neighbour) => PutNeighbour(neighbour, Nl.NLM_F_REPLACE, "replace");

    /// <summary>Deletes the neighbour, or the proxy, of that interface and address.</summary>
    /// <exception cref="NetlinkException">There is none (ENOENT).</exception>
    public void DeleteNeighbour(NetworkNeighbour neighbour)
    {
        var request = NeighbourRequest(stackalloc byte[RequestLength], RtnlNeighbours.RTM_DELNEIGH, flags: 0, neighbour);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"delete neighbour {neighbour.Address} of interface {neighbour.InterfaceIndex}");
    }

    /// <summary>The neighbours of both families, of one interface or of all.</summary>
    /// <param name="index">The interface; 0 (the default) means all.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<NetworkNeighbour> ListNeighbours(int index = 0) => ListNeighbours(index, flags: 0, "neighbours");

    /// <summary>The addresses for which this machine answers in the place of another, on one interface or on all.</summary>
    /// <param name="index">The interface; 0 (the default) means all.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<NetworkNeighbour> ListProxyNeighbours(int index = 0) => ListNeighbours(index, RtnlNeighbours.NTF_PROXY, "proxies");

    private static NetlinkWriter NeighbourRequest(Span<byte> buffer, ushort type, ushort flags, NetworkNeighbour neighbour)
    {
        ArgumentNullException.ThrowIfNull(neighbour);
        ArgumentNullException.ThrowIfNull(neighbour.Address, nameof(neighbour));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(neighbour.InterfaceIndex, nameof(neighbour));
        var own = neighbour.IsProxy ? RtnlNeighbours.NTF_PROXY : (byte)0;
        own |= neighbour.IsRouter ? RtnlNeighbours.NTF_ROUTER : (byte)0;
        own |= neighbour.IsExternallyLearned ? RtnlNeighbours.NTF_EXT_LEARNED : (byte)0;
        var request = new NetlinkWriter(buffer, type, flags);
        request.Add(new NdMsg { Family = FamilyOf(neighbour.Address), Index = neighbour.InterfaceIndex, State = (ushort)neighbour.State, Flags = own });
        request.Add(RtnlNeighbours.NDA_DST, neighbour.Address);
        AddMac(ref request, neighbour.MacAddress);
        return request;
    }

    private static void AddMac(ref NetlinkWriter request, PhysicalAddress address)
    {
        if (address.GetAddressBytes() is { Length: > 0 } bytes)
            request.Add(RtnlNeighbours.NDA_LLADDR, bytes);
    }

    private void PutNeighbour(NetworkNeighbour neighbour, ushort flag, string verb)
    {
        var request = NeighbourRequest(stackalloc byte[RequestLength], RtnlNeighbours.RTM_NEWNEIGH, (ushort)(Nl.NLM_F_CREATE | flag), neighbour);
        NetlinkException.ThrowIfFailed(_socket.Execute(ref request), $"{verb} neighbour {neighbour.Address} of interface {neighbour.InterfaceIndex}");
    }

    private List<NetworkNeighbour> ListNeighbours(int index, byte flags, string what)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var request = new NetlinkWriter(stackalloc byte[RequestLength], RtnlNeighbours.RTM_GETNEIGH);
        request.Add(new NdMsg { Family = Libc.AF_UNSPEC, Flags = flags });
        return List(ref request, message => NetworkNeighbourReader.Read(message) is { } item && (index is 0 || item.InterfaceIndex == index) ? item : null, what);
    }
}
