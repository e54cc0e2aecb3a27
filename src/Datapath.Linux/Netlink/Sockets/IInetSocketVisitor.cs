namespace Datapath.Linux.Netlink;

/// <summary>Takes the sockets that a query finds. Make it a struct: a scan of 100,000 sockets then allocates nothing.</summary>
/// <remarks>Minimum kernel: 5.10.</remarks>
public interface IInetSocketVisitor
{
    /// <summary>Takes one socket. An exception ends the visits and comes out of the scan.</summary>
    /// <param name="socket">The socket as it was when the kernel looked; it may be kept by copying it.</param>
    void Visit(in InetSocket socket);
}
