using System.Net.Sockets;

namespace Datapath.Linux.Netlink;

/// <summary>
/// The connections that the kernel follows in one network namespace: the one in which this object was made, whichever thread uses it later.
/// Safe for use by several threads: listings take turns.
/// </summary>
/// <remarks>Minimum kernel: 5.2.</remarks>
internal sealed class ConntrackNetlink : IDisposable
{
    private const int RequestLength = 512;

    private readonly NetlinkSocket _socket = new(Nfnl.NETLINK_NETFILTER) { Owner = nameof(ConntrackNetlink) };

    /// <summary>All connections of both families. A connection that begins or ends meanwhile may be there or not.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<ConntrackEntry> List()
    {
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_CTNETLINK, Ctnl.IPCTNL_MSG_CT_GET));
        request.Add(new NfGenMsg(Nfnl.NFPROTO_UNSPEC));
        return _socket.List(ref request, ConntrackEntry.Read, "connections");
    }

    /// <summary>Has the kernel follow a connection from here.</summary>
    /// <returns><see cref="Errno.None"/>, or why not: <see cref="Errno.EEXIST"/> if it follows one with such packets already.</returns>
    public NetlinkAck TryAdd(ConntrackDraft draft)
    {
        var request = Begin(Ctnl.IPCTNL_MSG_CT_NEW, draft.Original, Nl.NLM_F_CREATE | Nl.NLM_F_EXCL);
        draft.Write(ref request);
        return _socket.Execute(ref request);
    }

    /// <summary>Has the kernel forget the connection that has packets like these in either direction, if there is one.</summary>
    /// <returns>Whether there was.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public bool DeleteWith(ConntrackTuple packets)
    {
        var request = Begin(Ctnl.IPCTNL_MSG_CT_DELETE, packets);
        packets.Write(ref request, Ctnl.CTA_TUPLE_ORIG);
        return Delete(ref request, packets);
    }

    /// <summary>Has the kernel forget a connection: its next packet begins a new one.</summary>
    /// <returns>Whether it was there still.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public bool Delete(ConntrackEntry entry)
    {
        var request = Begin(Ctnl.IPCTNL_MSG_CT_DELETE, entry.Original);
        request.Add(Ctnl.CTA_TUPLE_ORIG | Nl.NLA_F_NESTED, entry.Key.Tuple);
        request.AddBigEndian(Ctnl.CTA_ID, entry.Key.Id);
        if (entry.Key.Zone is { } zone)
            request.AddBigEndian(Ctnl.CTA_ZONE, zone);
        return Delete(ref request, entry.Original);
    }

    public void Dispose() => _socket.Dispose();

    private static NetlinkWriter Begin(byte what, ConntrackTuple packets, ushort flags = 0)
    {
        var request = new NetlinkWriter(new byte[RequestLength], Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_CTNETLINK, what), flags);
        request.Add(new NfGenMsg(packets.Source.AddressFamily is AddressFamily.InterNetwork ? Nfnl.NFPROTO_IPV4 : Nfnl.NFPROTO_IPV6));
        return request;
    }

    private bool Delete(ref NetlinkWriter request, ConntrackTuple packets)
    {
        var ack = _socket.Execute(ref request);
        if (ack.Errno is Errno.ENOENT)
            return false;
        NetlinkException.ThrowIfFailed(ack, $"delete the connection from {packets.Source} to {packets.Destination}");
        return true;
    }
}
