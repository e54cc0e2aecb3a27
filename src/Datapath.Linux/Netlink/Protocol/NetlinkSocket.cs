using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Datapath.Linux.Netlink;

/// <summary>Takes one message of a dump. It must not keep it: the buffer is used again.</summary>
internal delegate void NetlinkMessageHandler(NetlinkMessage message);

/// <summary>
/// A netlink socket for requests and dumps. It talks to the network namespace in which it was made, whichever thread uses it later.
/// Safe for use by several threads: requests take turns.
/// </summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    // A dump comes in datagrams of up to 32 KiB; a single answer may be larger, but not by the requests that we send.
    private const int ReceiveLength = 64 * 1024;
    private const int DumpAttempts = 16;

    // Fits into what a socket may send without being asked for more.
    private const int CommonBatchLength = 64 * 1024;

    // The kernel works while the request is sent; the answer is there then. So this is no limit for its work, it ends a wait for what got lost.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly Lock _turn = new();
    private readonly byte[] _received = GC.AllocateUninitializedArray<byte>(ReceiveLength);
    private readonly SafeFileHandle _socket;
    private uint _sequence;
    private bool _isReading;

    /// <param name="protocol">The family, such as NETLINK_ROUTE.</param>
    /// <param name="timeout">How long to wait for an answer before it counts as lost: ETIMEDOUT. The default is 10 seconds.</param>
    /// <exception cref="LinuxException">The kernel has no such family, or no descriptor is left.</exception>
    public NetlinkSocket(int protocol, TimeSpan? timeout = null)
        : this(Libc.socket(Libc.AF_NETLINK, Libc.SOCK_RAW | Libc.SOCK_CLOEXEC, protocol))
    {
        if (_socket.IsInvalid)
            LinuxException.ThrowIfFailed((Errno)Marshal.GetLastPInvokeError(), $"open a netlink socket of family {protocol}");
        SetTimeout(timeout ?? s_timeout);
        Enable(Nl.NETLINK_EXT_ACK); // say why, in words
        Enable(Nl.NETLINK_CAP_ACK); // and do not send the request back
        Enable(Nl.NETLINK_GET_STRICT_CHK); // filter dumps in the kernel
    }

    /// <summary>Talks to whoever is at the other end of a socket of datagrams: in tests that is not the kernel.</summary>
    internal NetlinkSocket(SafeFileHandle socket) => _socket = socket;

    /// <summary>A socket of a family that the kernel may have been built without.</summary>
    /// <returns><see langword="null"/> if it was.</returns>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    public static NetlinkSocket? OpenIfKnown(int protocol, string owner)
    {
        try
        {
            return new(protocol) { Owner = owner };
        }
        catch (LinuxException e) when (e.Errno is Errno.EPROTONOSUPPORT)
        {
            return null;
        }
    }

    /// <summary>What it belongs to, for whoever uses it too late.</summary>
    public string Owner { get; init; } = nameof(NetlinkSocket);

    /// <summary>Sends a request and waits for its acknowledgement.</summary>
    public NetlinkAck Execute(ref NetlinkWriter request) => Execute(ref request, static _ => { });

    /// <summary>Sends a request and waits for its answer and its acknowledgement.</summary>
    public NetlinkAck Execute(ref NetlinkWriter request, NetlinkMessageHandler answer)
    {
        var visitor = new HandlerVisitor(answer);
        lock (_turn)
            return Exchange(request.Complete(++_sequence, Nl.NLM_F_ACK), ref visitor, out _);
    }

    /// <summary>Asks for a whole table, again if it changed while it was read.</summary>
    /// <param name="request">The request.</param>
    /// <param name="restart">Called before each attempt: forget what was taken so far.</param>
    /// <param name="take">Called for each message.</param>
    public NetlinkAck Dump(ref NetlinkWriter request, Action restart, NetlinkMessageHandler take)
    {
        var visitor = new HandlerVisitor(take);
        lock (_turn)
        {
            for (var attempt = 0; attempt < DumpAttempts; attempt++)
            {
                restart();
                var ack = Exchange(request.Complete(++_sequence, Nl.NLM_F_DUMP), ref visitor, out var interrupted);
                if (!interrupted || ack.Errno is not Errno.None)
                    return ack;
            }

            return new(Errno.EINTR);
        }
    }

    /// <summary>The items of a whole table.</summary>
    /// <param name="request">The request.</param>
    /// <param name="read">Makes an item of a message, or <see langword="null"/> of one that is left out.</param>
    /// <param name="table">What the table is called in errors.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public List<T> List<T>(ref NetlinkWriter request, Func<NetlinkMessage, T?> read, string table)
        where T : class
    {
        var items = new List<T>();
        var ack = Dump(ref request, items.Clear, message =>
        {
            if (read(message) is { } item)
                items.Add(item);
        });
        NetlinkException.ThrowIfFailed(ack, $"list {table}");
        return items;
    }

    /// <summary>Asks for a whole table once, for tables that change all the time and whose reader can live with that.</summary>
    /// <exception cref="InvalidOperationException"><paramref name="visitor"/> made a request through this socket.</exception>
    public NetlinkAck Scan<TVisitor>(scoped NetlinkWriter request, scoped ref TVisitor visitor)
        where TVisitor : struct, INetlinkMessageVisitor, allows ref struct
    {
        lock (_turn)
            return Exchange(request.Complete(++_sequence, Nl.NLM_F_DUMP), ref visitor, out _);
    }

    /// <summary>Sends messages of which the kernel takes all or none; the first opens them and the last closes them.</summary>
    /// <param name="batch">The messages. Their numbers are written here.</param>
    /// <param name="refused">Which message the answer is about, from 0; the first tells of all of them.</param>
    /// <returns>The first error, or success.</returns>
    public NetlinkAck ExecuteBatch(Span<byte> batch, out int refused)
    {
        lock (_turn)
        {
            if (_socket.IsClosed)
                throw Closed();
            refused = 0;
            var first = _sequence + 1;
            var last = Number(batch);
            var errno = MakeRoom(batch.Length);
            if (errno is Errno.None)
                errno = Send(batch);
            return errno is Errno.None ? ReceiveAcks(first, last, out refused) : new(errno);
        }
    }

    /// <summary>The number by which the kernel tells others who asked for a change.</summary>
    /// <exception cref="LinuxException">No number is left.</exception>
    public uint ReadPortId()
    {
        // Without an address of its own yet, the socket gets one; with one this asks for the same again.
        var address = new SockAddrNl { Family = Libc.AF_NETLINK };
        var length = (uint)sizeof(SockAddrNl);
        Check(Libc.getsockname(_socket, &address, &length));
        if (address.PortId == 0)
        {
            Check(Libc.bind(_socket, &address, (uint)sizeof(SockAddrNl)));
            Check(Libc.getsockname(_socket, &address, &length));
        }

        return address.PortId;

        static void Check(int result) => LinuxException.ThrowIfFailed(result < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None, "bind a netlink socket");
    }

    public void Dispose() => _socket.Dispose();

    // Asks for an acknowledgement of the last message but the closing one, which older kernels do not acknowledge. Returns its number.
    private uint Number(Span<byte> batch)
    {
        ref var beforeLast = ref MemoryMarshal.AsRef<NlMsgHdr>(batch);
        ref var last = ref beforeLast;
        for (var rest = batch; !rest.IsEmpty; rest = rest[Nl.Align((int)last.Length)..])
        {
            beforeLast = ref last;
            last = ref MemoryMarshal.AsRef<NlMsgHdr>(rest);
            last.Sequence = ++_sequence;
        }

        beforeLast.Flags |= Nl.NLM_F_ACK;
        return beforeLast.Sequence;
    }

    // What was refused comes in the order of the messages; what cannot be done as a whole is said of the first message.
    private NetlinkAck ReceiveAcks(uint first, uint last, out int refused)
    {
        refused = 0;
        NetlinkAck? failed = null;
        while (true)
        {
            var errno = Receive(0, out var datagram);
            if (errno is not Errno.None)
                return failed ?? new(errno);
            var reader = new NetlinkMessageReader(datagram);
            while (reader.TryRead(out var message))
            {
                if (message.Type is not Nl.NLMSG_ERROR || message.Sequence < first || message.Sequence > last)
                    continue;
                var ack = NetlinkAck.Read(message);
                if (ack.Errno is not Errno.None && failed is null)
                    (failed, refused) = (ack, (int)(message.Sequence - first));
                if (message.Sequence == first || message.Sequence == last)
                    return failed ?? ack;
            }
        }
    }

    // One datagram carries a batch, however long it is.
    private Errno MakeRoom(int length)
    {
        if (length <= CommonBatchLength)
            return Errno.None;
        return Libc.setsockopt(_socket, Libc.SOL_SOCKET, Libc.SO_SNDBUFFORCE, &length, sizeof(int)) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    private NetlinkAck Exchange<TVisitor>(scoped ReadOnlySpan<byte> request, scoped ref TVisitor visitor, out bool interrupted)
        where TVisitor : struct, INetlinkMessageVisitor, allows ref struct
    {
        if (_socket.IsClosed)
            throw Closed();

        // The lock lets the thread that holds it in again; answers of two requests would mix.
        if (_isReading)
            throw new InvalidOperationException("A request cannot be made through a netlink socket from within the reading of its answer.");
        _isReading = true;
        try
        {
            return ExchangeAlone(request, ref visitor, out interrupted);
        }
        finally
        {
            _isReading = false;
        }
    }

    private NetlinkAck ExchangeAlone<TVisitor>(scoped ReadOnlySpan<byte> request, scoped ref TVisitor visitor, out bool interrupted)
        where TVisitor : struct, INetlinkMessageVisitor, allows ref struct
    {
        interrupted = false;
        var sequence = _sequence; // a refused request from within has taken a number, too
        ExceptionDispatchInfo? failed = null;
        var isBroken = false;
        var errno = Send(request);
        if (errno is not Errno.None)
            return new(errno);
        while (true)
        {
            // The end may have been in what could not be read. The kernel has written it by now, so nothing more there means nothing more.
            errno = Receive(isBroken ? Libc.MSG_DONTWAIT : 0, out var datagram);
            if (errno is not Errno.None)
            {
                failed?.Throw();
                return new(errno);
            }

            var reader = new NetlinkMessageReader(datagram);
            while (true)
            {
                NetlinkMessage message;
                try
                {
                    if (!reader.TryRead(out message))
                        break;
                }
                catch (NetlinkFormatException e)
                {
                    failed ??= ExceptionDispatchInfo.Capture(e);
                    isBroken = true;
                    break; // what follows in this datagram is lost, the next one is not
                }

                if (message.Sequence != sequence)
                    continue; // left over from a request that was given up
                interrupted |= (message.Flags & Nl.NLM_F_DUMP_INTR) != 0 && message.Type is not Nl.NLMSG_ERROR;
                if (message.Type is Nl.NLMSG_ERROR or Nl.NLMSG_DONE)
                {
                    failed?.Throw();
                    return NetlinkAck.Read(message);
                }

                if (message.Type is Nl.NLMSG_NOOP || failed is not null)
                    continue;
                try
                {
                    visitor.Visit(message);
                }
                catch (Exception e)
                {
                    failed = ExceptionDispatchInfo.Capture(e); // the rest must still be read, or the kernel calls the next dump busy
                }
            }
        }
    }

    private ObjectDisposedException Closed() => new(Owner);

    private Errno Send(ReadOnlySpan<byte> request)
    {
        fixed (byte* data = request)
        {
            while (true)
            {
                if (Libc.send(_socket, data, (nuint)request.Length, 0) >= 0)
                    return Errno.None;
                var errno = (Errno)Marshal.GetLastPInvokeError();
                if (errno is not Errno.EINTR)
                    return errno;
            }
        }
    }

    private Errno Receive(int flags, out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        fixed (byte* data = _received)
        {
            while (true)
            {
                SockAddrNl sender = default;
                var senderLength = (uint)sizeof(SockAddrNl);
                var length = Libc.recvfrom(_socket, data, ReceiveLength, Libc.MSG_TRUNC | flags, &sender, &senderLength);
                if (length < 0)
                {
                    var errno = (Errno)Marshal.GetLastPInvokeError();
                    if (errno is Errno.EINTR)
                        continue;
                    return errno is Errno.EAGAIN ? Errno.ETIMEDOUT : errno;
                }

                if (sender.PortId != 0)
                    continue; // another process wrote to us; only the kernel is believed
                if (length > ReceiveLength)
                    return Errno.EMSGSIZE;
                datagram = _received.AsSpan(0, (int)length);
                return Errno.None;
            }
        }
    }

    private readonly struct HandlerVisitor(NetlinkMessageHandler take) : INetlinkMessageVisitor
    {
        public void Visit(NetlinkMessage message) => take(message);
    }

    private void SetTimeout(TimeSpan timeout)
    {
        var value = new TimeVal { Seconds = (long)timeout.TotalSeconds, Microseconds = timeout.Microseconds + (timeout.Milliseconds * 1000) };
        if (Libc.setsockopt(_socket, Libc.SOL_SOCKET, Libc.SO_RCVTIMEO, &value, (uint)sizeof(TimeVal)) < 0)
        {
            var errno = (Errno)Marshal.GetLastPInvokeError();
            _socket.Dispose();
            throw new LinuxException("set the timeout of a netlink socket", errno);
        }
    }

    private void Enable(int option)
    {
        var on = 1;
        if (Libc.setsockopt(_socket, Libc.SOL_NETLINK, option, &on, sizeof(int)) < 0)
        {
            var errno = (Errno)Marshal.GetLastPInvokeError();
            _socket.Dispose();
            throw new LinuxException($"set netlink option {option}", errno, "needs Linux 4.20");
        }
    }
}
