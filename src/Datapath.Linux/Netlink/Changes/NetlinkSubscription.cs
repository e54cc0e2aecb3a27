using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Netlink;

/// <summary>A netlink socket that takes what the kernel sends to groups. It is bound to the network namespace in which it was made.</summary>
internal sealed class NetlinkSubscription : IDisposable
{
    // The kernel's notifications fit a page or two; 32 KiB is the most that it puts into one datagram of a dump.
    private const int ReceiveLength = 64 * 1024;

    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(ReceiveLength);
    private readonly byte[] _peeked = new byte[1];
    private readonly SafeSocketHandle _handle;
    private readonly Socket _socket; // only to wait: then no thread sits in a system call

    /// <param name="protocol">The family, such as NETLINK_ROUTE.</param>
    /// <param name="groups">The numbers of the groups.</param>
    /// <param name="bufferLength">How many bytes the kernel keeps for a reader that is late; 0 for its default.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public unsafe NetlinkSubscription(int protocol, IEnumerable<int> groups, int bufferLength)
    {
        _handle = Libc.socket_awaited(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, protocol);
        LinuxException.ThrowIfFailed(ErrnoIf(_handle.IsInvalid), $"open a netlink socket of family {protocol}");
        try
        {
            if (bufferLength > 0)
                SetBuffer(bufferLength);

            // Before it has a number of its own, the kernel takes the socket for the sender of its notifications and passes it over.
            var address = new SockAddrNl { Family = Libc.AF_NETLINK };
            LinuxException.ThrowIfFailed(ErrnoIf(Libc.bind(_handle, &address, (uint)sizeof(SockAddrNl)) < 0), "bind a netlink socket");
            foreach (var group in groups)
            {
                var number = group;
                var failed = Libc.setsockopt(_handle, Libc.SOL_NETLINK, Nl.NETLINK_ADD_MEMBERSHIP, &number, sizeof(int)) < 0;
                LinuxException.ThrowIfFailed(ErrnoIf(failed), $"join netlink group {group} of family {protocol}");
            }

            _socket = new(_handle);
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    /// <summary>Takes a datagram of the kernel that is there already.</summary>
    /// <returns>EAGAIN if there is none, ENOBUFS if some were lost since the last call.</returns>
    /// <exception cref="ObjectDisposedException">The subscription has ended.</exception>
    public unsafe Errno TryReceive(out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        fixed (byte* data = _received)
        {
            while (true)
            {
                SockAddrNl sender = default;
                var senderLength = (uint)sizeof(SockAddrNl);
                var length = Libc.recvfrom(_handle, data, ReceiveLength, Libc.MSG_TRUNC | Libc.MSG_DONTWAIT, &sender, &senderLength);
                var errno = ErrnoIf(length < 0);
                if (errno is Errno.EINTR || (errno is Errno.None && sender.PortId != 0))
                    continue; // only the kernel is believed
                if (length > ReceiveLength)
                    return Errno.ENOBUFS; // its end is lost
                if (errno is Errno.None)
                    datagram = _received.AsSpan(0, (int)length);
                return errno;
            }
        }
    }

    /// <summary>More datagrams than the kernel can keep: with its bookkeeping each takes several hundred bytes.</summary>
    public int Capacity => (_socket.ReceiveBufferSize / 128) + 1;

    /// <summary>Takes and forgets what is there. The kernel sends nothing to a reader that was too late until it has done so.</summary>
    /// <param name="limit">How many datagrams at most: after <see cref="Capacity"/> of them all that is left came after the loss.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>ENOBUFS if more was lost meanwhile: what is there may be older than that.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Errno Drain(int limit, CancellationToken cancellationToken)
    {
        for (var i = 0; i < limit; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var errno = TryReceive(out _);
            if (errno is not Errno.None)
                return errno is Errno.ENOBUFS ? errno : Errno.None; // the next one to read sees any other
        }

        return Errno.None;
    }

    /// <summary>Waits until there is something to take.</summary>
    /// <returns><see cref="Errno.ENOBUFS"/> if datagrams were lost, <see cref="Errno.EBADF"/> after <see cref="Dispose"/>.</returns>
    public async ValueTask<Errno> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _socket.ReceiveAsync(_peeked, SocketFlags.Peek, cancellationToken).ConfigureAwait(false);
            return Errno.None;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.NoBufferSpaceAvailable)
        {
            return Errno.ENOBUFS; // looking has taken the error away: nobody else will see it
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.OperationAborted)
        {
            return Errno.EBADF;
        }
        catch (ObjectDisposedException)
        {
            return Errno.EBADF;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static Errno ErrnoIf(bool failed) => failed ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;

    private unsafe void SetBuffer(int length)
    {
        // The kernel counts its own bookkeeping, too, and therefore doubles the number. With CAP_NET_ADMIN net.core.rmem_max is no limit.
        if (Libc.setsockopt(_handle, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, &length, sizeof(int)) < 0)
        {
            var failed = Libc.setsockopt(_handle, Libc.SOL_SOCKET, Libc.SO_RCVBUF, &length, sizeof(int)) < 0;
            LinuxException.ThrowIfFailed(ErrnoIf(failed), $"give a netlink socket a buffer of {length} bytes");
        }
    }
}
