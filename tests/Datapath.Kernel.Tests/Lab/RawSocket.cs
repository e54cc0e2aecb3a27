using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>
/// A socket as a C program uses it: any socket family with any address family, errno as it comes. The classes of .NET would not let an IPv6
/// socket name an AF_INET address.
/// </summary>
internal sealed unsafe partial class RawSocket : IDisposable
{
    private const int SolSocket = 1;
    private const int SoLinger = 13;
    private const int SoReusePort = 15;
    private const int SoRcvTimeo = 20;
    private readonly int _fd;

    public RawSocket(AddressFamily family, SocketType type)
        : this(family, type, protocol: 0, out var errno)
    {
        if (errno is not Errno.None)
            throw new InvalidOperationException($"socket: {errno}");
    }

    public RawSocket(AddressFamily family, SocketType type, int protocol, out Errno errno)
    {
        _fd = socket(Native(family), type is SocketType.Stream ? 1 : 2, protocol);
        errno = Result(_fd);
        if (_fd < 0)
            return;
        var timeout = stackalloc long[] { 5, 0 };
        _ = setsockopt(_fd, SolSocket, SoRcvTimeo, timeout, 16);
    }

    /// <summary>Lets close reset the connection, so that thousands of dials leave no ports behind that wait.</summary>
    public void ResetOnClose()
    {
        var linger = stackalloc int[] { 1, 0 };
        _ = setsockopt(_fd, SolSocket, SoLinger, linger, 8);
    }

    /// <summary>Lets others listen at the same address.</summary>
    public void ReusePort()
    {
        var on = 1;
        _ = setsockopt(_fd, SolSocket, SoReusePort, &on, sizeof(int));
    }

    public Errno Bind(SocketName name)
    {
        fixed (byte* n = name.Bytes)
            return Result(bind(_fd, n, (uint)name.Bytes.Length));
    }

    public Errno Connect(SocketName name)
    {
        fixed (byte* n = name.Bytes)
            return Result(connect(_fd, n, (uint)name.Bytes.Length));
    }

    public Errno SendTo(ReadOnlySpan<byte> data, SocketName name)
    {
        fixed (byte* d = data)
        fixed (byte* n = name.Bytes)
            return Result((int)sendto(_fd, d, (nuint)data.Length, 0, n, (uint)name.Bytes.Length));
    }

    public Errno Send(ReadOnlySpan<byte> data)
    {
        fixed (byte* d = data)
            return Result((int)sendto(_fd, d, (nuint)data.Length, 0, null, 0));
    }

    public (Errno Errno, byte[] Data, SocketName From) ReceiveFrom()
    {
        var data = new byte[2048];
        var name = new byte[28];
        var length = (uint)name.Length;
        fixed (byte* d = data)
        fixed (byte* n = name)
        {
            var received = recvfrom(_fd, d, (nuint)data.Length, 0, n, &length);
            return (Result((int)received), data[..Math.Max(0, (int)received)], new(name[..(int)length]));
        }
    }

    public SocketName PeerName()
    {
        var name = new byte[28];
        var length = (uint)name.Length;
        fixed (byte* n = name)
        {
            var errno = Result(getpeername(_fd, n, &length));
            return errno is Errno.None ? new(name[..(int)length]) : throw new InvalidOperationException($"getpeername: {errno}");
        }
    }

    public void Dispose() => _ = close(_fd);

    private static Errno Result(int result) => result < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;

    private static int Native(AddressFamily family) => family is AddressFamily.InterNetwork ? 2 : 10;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int option, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int fd, void* name, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int fd, void* name, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendto(int fd, void* data, nuint length, int flags, void* name, uint nameLength);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvfrom(int fd, void* data, nuint length, int flags, void* name, uint* nameLength);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getpeername(int fd, void* name, uint* length);

    [LibraryImport("libc")]
    private static partial int close(int fd);
}

/// <summary>A sockaddr_in or sockaddr_in6.</summary>
internal readonly record struct SocketName(byte[] Bytes)
{
    public static SocketName Of(IPAddress address, int port)
    {
        var isV4 = address.AddressFamily is AddressFamily.InterNetwork;
        var bytes = new byte[isV4 ? 16 : 28];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, isV4 ? (ushort)2 : (ushort)10);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)port);
        address.GetAddressBytes().CopyTo(bytes, isV4 ? 4 : 8);
        return new(bytes);
    }

    public override string ToString() => Bytes.Length == 16
        ? new IPEndPoint(new IPAddress(Bytes.AsSpan(4, 4)), BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(2))).ToString()
        : new IPEndPoint(new IPAddress(Bytes.AsSpan(8, 16)), BinaryPrimitives.ReadUInt16BigEndian(Bytes.AsSpan(2))).ToString();
}
