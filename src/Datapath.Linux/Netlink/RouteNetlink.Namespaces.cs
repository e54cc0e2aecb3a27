using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Netlink;

public sealed partial class RouteNetlink
{
    private const int NoNamespaceId = -1;

    /// <summary>The number that this namespace has for another one, as in <see cref="NetworkLink.LinkedNamespaceId"/>.</summary>
    /// <param name="networkNamespace">The other one, an open nsfs file.</param>
    /// <returns>The number; <see langword="null"/> if it has none yet.</returns>
    /// <exception cref="NetlinkException">It is no network namespace.</exception>
    public int? FindNamespaceId(SafeFileHandle networkNamespace)
    {
        ArgumentNullException.ThrowIfNull(networkNamespace);
        using var lease = new FdLease(networkNamespace);
        var request = new NetlinkWriter(stackalloc byte[RequestLength], Rtnl.RTM_GETNSID);
        request.Add(default(RtGenMsg));
        request.Add(Rtnl.NETNSA_FD, lease.Fd);
        var id = NoNamespaceId;
        var ack = _socket.Execute(ref request, message => id = ReadNamespaceId(message));
        NetlinkException.ThrowIfFailed(ack, $"find the number of a network namespace");
        return id is NoNamespaceId ? null : id;
    }

    /// <summary>Gives another namespace a number in this one, so that interfaces and notifications can name it. It keeps it as long as both live.</summary>
    /// <param name="networkNamespace">The other one, an open nsfs file.</param>
    /// <returns>The number, also if it had one already.</returns>
    /// <exception cref="NetlinkException">Not allowed (EPERM), or it is no network namespace.</exception>
    public int GetOrAssignNamespaceId(SafeFileHandle networkNamespace)
    {
        if (FindNamespaceId(networkNamespace) is { } known)
            return known;
        using (var lease = new FdLease(networkNamespace))
        {
            var request = new NetlinkWriter(stackalloc byte[RequestLength], Rtnl.RTM_NEWNSID);
            request.Add(default(RtGenMsg));
            request.Add(Rtnl.NETNSA_FD, lease.Fd);
            request.Add(Rtnl.NETNSA_NSID, NoNamespaceId); // the kernel chooses
            var ack = _socket.Execute(ref request);
            if (ack.Errno is not Errno.EEXIST) // somebody else was faster
                NetlinkException.ThrowIfFailed(ack, $"give a network namespace a number");
        }

        return FindNamespaceId(networkNamespace) ?? throw new NetlinkFormatException("a network namespace has no number though it was given one");
    }

    internal static int ReadNamespaceId(NetlinkMessage message)
    {
        if (message.Type is not Rtnl.RTM_NEWNSID)
            return NoNamespaceId;
        foreach (var attribute in message.AttributesAfter<RtGenMsg>())
        {
            if (attribute.Type is Rtnl.NETNSA_NSID)
                return attribute.As<int>();
        }

        return NoNamespaceId;
    }
}
