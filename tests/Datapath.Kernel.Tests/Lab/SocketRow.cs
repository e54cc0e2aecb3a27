using System.Net;
using System.Net.Sockets;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>A kind of socket with a kind of address.</summary>
internal enum SocketRow
{
    Ipv4Socket,
    Ipv6Socket,
    Ipv6SocketMappedAddress,
    Ipv6SocketIpv4Address,
}

/// <summary>What a program of each row does.</summary>
internal static class SocketRows
{
    public static RawSocket Open(this SocketRow row, SocketType type) =>
        new(row is SocketRow.Ipv4Socket ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, type);

    /// <summary>The address that the program names.</summary>
    public static SocketName Name(this SocketRow row, IPAddress v4, IPAddress v6, int port) => SocketName.Of(
        row switch
        {
            SocketRow.Ipv4Socket or SocketRow.Ipv6SocketIpv4Address => v4,
            SocketRow.Ipv6Socket => v6,
            _ => v4.MapToIPv6(),
        },
        port);

    /// <summary>The address that the program is told: an IPv6 socket always sees IPv6 addresses.</summary>
    public static SocketName Seen(this SocketRow row, IPAddress v4, IPAddress v6, int port) =>
        Name(row is SocketRow.Ipv6SocketIpv4Address ? SocketRow.Ipv6SocketMappedAddress : row, v4, v6, port);
}
