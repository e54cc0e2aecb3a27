namespace Datapath.Linux.Netlink;

/// <summary>A netlink message that does not have the shape it must have: a length that leaves the buffer, or a value of the wrong size.</summary>
/// <remarks>Minimum kernel: none.</remarks>
public sealed class NetlinkFormatException : LinuxException
{
    internal NetlinkFormatException(string reason)
        : base("read a netlink message", Errno.EPROTO, reason)
    {
    }
}
