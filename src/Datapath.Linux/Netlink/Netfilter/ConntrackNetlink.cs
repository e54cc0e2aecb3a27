namespace Datapath.Linux.Netlink;

/// <summary>
/// The connections that the kernel follows in one network namespace: the one in which this object was made, whichever thread uses it later.
/// Safe for use by several threads: listings take turns.
/// </summary>
/// <remarks>Minimum kernel: 5.2.</remarks>
internal sealed class ConntrackNetlink : IDisposable
{
    private const int RequestLength = 64;

    private readonly NetlinkSocket _socket = new(Nfnl.NETLINK_NETFILTER) { Owner = nameof(ConntrackNetlink) };

    /// <summary>All connections of both families. A connection that begins or ends meanwhile may be there or not.</summary>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<ConntrackEntry> List()
    {
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Nfnl.TypeOf(Nfnl.NFNL_SUBSYS_CTNETLINK, Ctnl.IPCTNL_MSG_CT_GET));
        request.Add(new NfGenMsg(Nfnl.NFPROTO_UNSPEC));
        return _socket.List(ref request, ConntrackEntry.Read, "connections");
    }

    public void Dispose() => _socket.Dispose();
}
