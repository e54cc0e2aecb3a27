using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Datapath.Linux.Netlink;

/// <summary>
/// The TCP and UDP sockets of one network namespace: the one in which this object was made, whichever thread uses it later.
/// Safe for use by several threads: scans take turns.
/// </summary>
/// <remarks>
/// A scan is no snapshot: sockets that come or go meanwhile may be seen or not, and one may be seen twice. Marks are shown to CAP_NET_ADMIN
/// only, and <see cref="Destroy"/> needs it. Minimum kernel: 5.10.
/// </remarks>
public sealed class SocketDiagnostics : IDisposable
{
    private const int RequestLength = 256; // a header of 72 bytes and a filter of at most 60

    private readonly NetlinkSocket _scans = new(SockDiag.NETLINK_SOCK_DIAG) { Owner = nameof(SocketDiagnostics) };

    // A socket of their own, so that a visitor can destroy what it is shown.
    private readonly NetlinkSocket _changes = new(SockDiag.NETLINK_SOCK_DIAG) { Owner = nameof(SocketDiagnostics) };

    /// <summary>Opens the netlink sockets in the network namespace of the calling thread.</summary>
    /// <exception cref="LinuxException">The kernel refused the socket.</exception>
    public SocketDiagnostics()
    {
    }

    /// <summary>Shows all matching sockets to <paramref name="visitor"/>, IPv4 ones before IPv6 ones. Allocates nothing.</summary>
    /// <param name="query">Which sockets.</param>
    /// <param name="visitor">Takes the sockets. It may call <see cref="Destroy"/>, but not start another scan of this object.</param>
    /// <exception cref="NetlinkException">The kernel refused; ENOENT means that it is built without CONFIG_INET_DIAG (or its modules are missing).</exception>
    /// <exception cref="InvalidOperationException"><paramref name="visitor"/> started another scan.</exception>
    public void Scan<TVisitor>(InetSocketQuery query, ref TVisitor visitor)
        where TVisitor : struct, IInetSocketVisitor
    {
        Validate(query);
        if (query.Family is AddressFamily.Unspecified or AddressFamily.InterNetwork)
            ScanFamily(query, Libc.AF_INET, ref visitor);
        if (query.Family is AddressFamily.Unspecified or AddressFamily.InterNetworkV6)
            ScanFamily(query, Libc.AF_INET6, ref visitor);
    }

    /// <summary>All matching sockets, IPv4 ones before IPv6 ones.</summary>
    /// <exception cref="NetlinkException">The kernel refused; see <see cref="Scan{TVisitor}"/>.</exception>
    public IReadOnlyList<InetSocket> List(InetSocketQuery query)
    {
        var collector = new Collector([]);
        Scan(query, ref collector);
        return collector.Sockets;
    }

    /// <summary>
    /// Aborts a socket that was listed: its owner gets ECONNABORTED, and a TCP peer a reset. The descriptor stays open until the owner closes it.
    /// </summary>
    /// <returns><see langword="false"/> if it is gone already. Of UDP sockets that share a port, the kernel may find another one, too; nothing is done then.</returns>
    /// <exception cref="NetlinkException">Not allowed (EPERM).</exception>
    /// <exception cref="LinuxException">The kernel is built without CONFIG_INET_DIAG_DESTROY (EOPNOTSUPP).</exception>
    public bool Destroy(in InetSocket socket)
    {
        ArgumentOutOfRangeException.ThrowIfZero((int)socket.RawFamily, nameof(socket));
        var request = new NetlinkWriter(stackalloc byte[RequestLength], SockDiag.SOCK_DESTROY);
        request.Add(new InetDiagReqV2
        {
            Family = socket.RawFamily,
            Protocol = (byte)socket.Protocol,
            States = (uint)socket.State,
            Id = socket.Id, // the cookie in it keeps the kernel from hitting a successor
        });
        var ack = _changes.Execute(ref request);
        if (ack.Errno is Errno.ENOENT or Errno.ESTALE)
            return false;
        if (ack.Errno is Errno.EOPNOTSUPP)
            throw new LinuxException($"destroy socket {socket}", ack.Errno, "the kernel is built without CONFIG_INET_DIAG_DESTROY");
        NetlinkException.ThrowIfFailed(ack, $"destroy socket {socket}");
        return true;
    }

    /// <summary>Aborts all matching sockets, for example all connections to a backend that is gone; see <see cref="Destroy"/>.</summary>
    /// <returns>How many were there and are destroyed.</returns>
    /// <exception cref="NetlinkException">Not allowed (EPERM), or the kernel refused the scan.</exception>
    /// <exception cref="LinuxException">The kernel is built without CONFIG_INET_DIAG_DESTROY (EOPNOTSUPP).</exception>
    public int DestroyAll(InetSocketQuery query)
    {
        var destroyer = new Destroyer(this);
        Scan(query, ref destroyer);
        return destroyer.Count;
    }

    /// <summary>Closes the netlink sockets.</summary>
    public void Dispose()
    {
        _scans.Dispose();
        _changes.Dispose();
    }

    /// <summary>The request for a scan of one family.</summary>
    internal static NetlinkWriter ScanRequest(Span<byte> buffer, InetSocketQuery query, byte family)
    {
        var request = new NetlinkWriter(buffer, SockDiag.SOCK_DIAG_BY_FAMILY);
        request.Add(new InetDiagReqV2
        {
            Family = family,
            Protocol = (byte)query.Protocol,
            States = (uint)query.States,
            Id = new()
            {
                SourcePort = BinaryPrimitives.ReverseEndianness((ushort)query.LocalPort),
                DestinationPort = BinaryPrimitives.ReverseEndianness((ushort)query.RemotePort),
            },
        });
        Span<byte> filter = stackalloc byte[64];
        var length = WriteFilter(filter, query);
        if (length > 0)
            request.Add(SockDiag.INET_DIAG_REQ_BYTECODE, filter[..length]);
        return request;
    }

    // The filter is a program: each step goes on to the next if it holds, and past the end by 4 (which means "no") if not.
    private static unsafe int WriteFilter(Span<byte> filter, InetSocketQuery query)
    {
        var total = StepLength(query.LocalNetwork) + StepLength(query.RemoteNetwork);
        var written = 0;
        WriteStep(filter, ref written, total, SockDiag.INET_DIAG_BC_S_COND, query.LocalNetwork);
        WriteStep(filter, ref written, total, SockDiag.INET_DIAG_BC_D_COND, query.RemoteNetwork);
        return total;
    }

    private static unsafe void WriteStep(Span<byte> filter, ref int written, int total, byte code, IPNetwork? condition)
    {
        if (condition is not { } network)
            return;
        var length = StepLength(condition);
        var step = filter.Slice(written, length);
        MemoryMarshal.Write(step, new InetDiagBcOp { Code = code, Yes = (byte)length, No = (ushort)(total - written + 4) });
        var family = network.BaseAddress.AddressFamily is AddressFamily.InterNetwork ? Libc.AF_INET : Libc.AF_INET6;
        MemoryMarshal.Write(
            step[sizeof(InetDiagBcOp)..],
            new InetDiagHostCond { Family = (byte)family, PrefixLength = (byte)network.PrefixLength, Port = -1 });
        network.BaseAddress.TryWriteBytes(step[(sizeof(InetDiagBcOp) + sizeof(InetDiagHostCond))..], out _);
        written += length;
    }

    private static unsafe int StepLength(IPNetwork? condition) => condition is { } network
        ? sizeof(InetDiagBcOp) + sizeof(InetDiagHostCond) + (network.BaseAddress.AddressFamily is AddressFamily.InterNetwork ? 4 : 16)
        : 0;

    private static void Validate(InetSocketQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Protocol is not (ProtocolType.Tcp or ProtocolType.Udp))
            throw new ArgumentException($"sockets of {query.Protocol} cannot be listed, only those of TCP and UDP", nameof(query));
        if (query.Family is not (AddressFamily.Unspecified or AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
            throw new ArgumentException($"sockets of {query.Family} cannot be listed, only those of IPv4 and IPv6", nameof(query));
        ArgumentOutOfRangeException.ThrowIfNegative(query.LocalPort);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.LocalPort, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfNegative(query.RemotePort);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.RemotePort, ushort.MaxValue);
    }

    private void ScanFamily<TVisitor>(InetSocketQuery query, byte family, ref TVisitor visitor)
        where TVisitor : struct, IInetSocketVisitor
    {
        var request = ScanRequest(stackalloc byte[RequestLength], query, family);
        var reader = new Reader<TVisitor>(ref visitor, (byte)query.Protocol);
        NetlinkException.ThrowIfFailed(_scans.Scan(request, ref reader), $"list {query.Protocol} sockets");
    }

    private readonly ref struct Reader<TVisitor>(ref TVisitor visitor, byte protocol) : INetlinkMessageVisitor
        where TVisitor : struct, IInetSocketVisitor
    {
        private readonly ref TVisitor _visitor = ref visitor;

        public void Visit(NetlinkMessage message)
        {
            if (InetSocket.TryRead(message, protocol, out var socket))
                _visitor.Visit(socket);
        }
    }

    private readonly struct Collector(List<InetSocket> sockets) : IInetSocketVisitor
    {
        public List<InetSocket> Sockets => sockets;

        public void Visit(in InetSocket socket) => sockets.Add(socket);
    }

    private struct Destroyer(SocketDiagnostics owner) : IInetSocketVisitor
    {
        public int Count { get; private set; }

        public void Visit(in InetSocket socket)
        {
            if (owner.Destroy(socket))
                Count++;
        }
    }
}
