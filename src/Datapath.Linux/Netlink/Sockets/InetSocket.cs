using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Datapath.Linux.Netlink;

/// <summary>A TCP or UDP socket as the kernel listed it. A plain value of some 100 bytes that refers to nothing.</summary>
/// <remarks>Minimum kernel: 5.10.</remarks>
public readonly struct InetSocket
{
    private readonly InetDiagMsg _message;
    private readonly byte _protocol;

    internal InetSocket(in InetDiagMsg message, byte protocol, uint mark, ulong cgroupId)
    {
        (_message, _protocol) = (message, protocol);
        (Mark, CgroupId) = (mark, cgroupId);
    }

    /// <summary><see cref="ProtocolType.Tcp"/> or <see cref="ProtocolType.Udp"/>.</summary>
    public ProtocolType Protocol => (ProtocolType)_protocol;

    /// <summary>The family of the socket; the addresses are of it, IPv4 ones of IPv6 sockets as <c>::ffff:a.b.c.d</c>.</summary>
    public AddressFamily Family => _message.Family is Libc.AF_INET6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    /// <summary>The state, one flag.</summary>
    public InetSocketStates State => (InetSocketStates)(1 << (_message.State & 31));

    /// <summary>The port of this end; 0 if not bound.</summary>
    public int LocalPort => BinaryPrimitives.ReverseEndianness(_message.Id.SourcePort);

    /// <summary>The port of the other end; 0 if not connected.</summary>
    public int RemotePort => BinaryPrimitives.ReverseEndianness(_message.Id.DestinationPort);

    /// <summary>The address of this end. Each call makes a new object; see <see cref="CopyLocalAddress"/>.</summary>
    public IPAddress LocalAddress => new(LocalBytes(_message));

    /// <summary>The address of the other end; all zeros if not connected. Each call makes a new object; see <see cref="CopyRemoteAddress"/>.</summary>
    public IPAddress RemoteAddress => new(RemoteBytes(_message));

    /// <summary>Address and port of this end. Each call makes a new object.</summary>
    public IPEndPoint LocalEndPoint => new(LocalAddress, LocalPort);

    /// <summary>Address and port of the other end. Each call makes a new object.</summary>
    public IPEndPoint RemoteEndPoint => new(RemoteAddress, RemotePort);

    /// <summary>The interface to which the socket is bound; 0 if to none.</summary>
    public int InterfaceIndex => (int)_message.Id.Interface;

    /// <summary>The number that BPF programs get from bpf_get_socket_cookie() for it; never used again until the machine restarts.</summary>
    public ulong Cookie => ((ulong)_message.Id.CookieHigh << 32) | _message.Id.CookieLow;

    /// <summary>The inode, as in <c>socket:[12345]</c> of /proc/PID/fd; 0 if no process has it open (any more).</summary>
    public uint Inode => _message.Inode;

    /// <summary>The user who owns it, as the user namespace of this process numbers it.</summary>
    public uint Uid => _message.Uid;

    /// <summary>Bytes received that nobody has read; of a listening socket the connections that wait to be accepted.</summary>
    public uint ReceiveQueue => _message.ReceiveQueue;

    /// <summary>Bytes sent that are not acknowledged; of a listening socket the most connections that may wait.</summary>
    public uint SendQueue => _message.SendQueue;

    /// <summary>The mark (SO_MARK); 0 if none, or if this process lacks CAP_NET_ADMIN.</summary>
    public uint Mark { get; }

    /// <summary>The id of the cgroup v2 in which it was made; 0 if not known. Minimum kernel: 5.8.</summary>
    public ulong CgroupId { get; }

    internal byte RawFamily => _message.Family;

    internal InetDiagSockId Id => _message.Id;

    /// <summary>Writes the address of this end in network order; allocates nothing.</summary>
    /// <param name="destination">Room for 4 bytes (IPv4) or 16 (IPv6).</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    public int CopyLocalAddress(Span<byte> destination)
    {
        LocalBytes(_message).CopyTo(destination);
        return AddressLength(_message);
    }

    /// <summary>Writes the address of the other end; else as <see cref="CopyLocalAddress"/>.</summary>
    /// <param name="destination">Room for 4 bytes (IPv4) or 16 (IPv6).</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">There is too little room.</exception>
    public int CopyRemoteAddress(Span<byte> destination)
    {
        RemoteBytes(_message).CopyTo(destination);
        return AddressLength(_message);
    }

    /// <summary>For example <c>Tcp 10.0.0.1:80 10.0.0.2:41234 Established</c>.</summary>
    public override string ToString() => $"{Protocol} {LocalEndPoint} {RemoteEndPoint} {State}";

    /// <summary>Reads an answer of the kernel; <see langword="false"/> if it is not of sockets of the Internet.</summary>
    /// <exception cref="NetlinkFormatException">The message is cut off.</exception>
    internal static bool TryRead(NetlinkMessage message, byte protocol, out InetSocket socket)
    {
        socket = default;
        if (message.Type is not SockDiag.SOCK_DIAG_BY_FAMILY)
            return false;
        var header = message.ReadHeader<InetDiagMsg>();
        if (header.Family is not (Libc.AF_INET or Libc.AF_INET6))
            return false;
        uint mark = 0;
        ulong cgroup = 0;
        foreach (var attribute in message.AttributesAfter<InetDiagMsg>())
        {
            switch (attribute.Type)
            {
                case SockDiag.INET_DIAG_MARK:
                    mark = attribute.As<uint>();
                    break;
                case SockDiag.INET_DIAG_CGROUP_ID:
                    cgroup = attribute.As<ulong>();
                    break;
                default:
                    break;
            }
        }

        socket = new(header, protocol, mark, cgroup);
        return true;
    }

    private static int AddressLength(in InetDiagMsg message) => message.Family is Libc.AF_INET6 ? 16 : 4;

    private static ReadOnlySpan<byte> LocalBytes(in InetDiagMsg message) => ((ReadOnlySpan<byte>)message.Id.Source)[..AddressLength(message)];

    private static ReadOnlySpan<byte> RemoteBytes(in InetDiagMsg message) => ((ReadOnlySpan<byte>)message.Id.Destination)[..AddressLength(message)];
}
