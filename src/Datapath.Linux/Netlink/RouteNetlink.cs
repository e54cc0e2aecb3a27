using System.Net;
using System.Net.Sockets;

namespace Datapath.Linux.Netlink;

/// <summary>
/// Interfaces, addresses, routes, routing rules, neighbours and queues of one network namespace: the one in which this object was made, whichever thread uses it later.
/// Changes are made when a method returns. Safe for use by several threads: requests take turns.
/// </summary>
/// <remarks>Changes need CAP_NET_ADMIN, listings need nothing. Minimum kernel: 5.10.</remarks>
public sealed partial class RouteNetlink : IDisposable
{
    // The longest request (two names, a descriptor and nesting for a veth pair) takes some 150 bytes.
    private const int RequestLength = 512;
    private const int MaximumNameLength = 15; // IFNAMSIZ less the zero; alternative names may be longer

    private readonly NetlinkSocket _socket = new(Nl.NETLINK_ROUTE) { Owner = nameof(RouteNetlink) };

    /// <summary>Opens a netlink socket in the network namespace of the calling thread.</summary>
    /// <exception cref="LinuxException">The kernel refused the socket.</exception>
    public RouteNetlink()
    {
    }

    /// <summary>Closes the socket. Nothing that was made through it goes away.</summary>
    public void Dispose() => _socket.Dispose();

    private static byte FamilyOf(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => Libc.AF_INET,
        AddressFamily.InterNetworkV6 => Libc.AF_INET6,
        _ => throw new ArgumentException($"'{address}' is neither an IPv4 nor an IPv6 address", nameof(address)),
    };

    private List<T> List<T>(ref NetlinkWriter request, Func<NetlinkMessage, T?> read, string table)
        where T : class =>
        _socket.List(ref request, read, table);
}
