using System.Net;
using System.Net.Sockets;

namespace Datapath.Linux.Netlink;

/// <summary>Which sockets to look at. All conditions must hold; the kernel checks them, so what does not match costs next to nothing.</summary>
/// <param name="Protocol"><see cref="ProtocolType.Tcp"/> or <see cref="ProtocolType.Udp"/>.</param>
/// <remarks>Minimum kernel: 5.10.</remarks>
public sealed record InetSocketQuery(ProtocolType Protocol)
{
    /// <summary>The family of the socket. The default, <see cref="AddressFamily.Unspecified"/>, means both; IPv4 connections of IPv6 sockets count as IPv6.</summary>
    public AddressFamily Family { get; init; } = AddressFamily.Unspecified;

    /// <summary>The states. The default is <see cref="InetSocketStates.All"/>.</summary>
    public InetSocketStates States { get; init; } = InetSocketStates.All;

    /// <summary>The port of this end; 0 (the default) means any.</summary>
    public int LocalPort { get; init; }

    /// <summary>The port of the other end; 0 (the default) means any. Listening sockets have none and do not match a port.</summary>
    public int RemotePort { get; init; }

    /// <summary>
    /// The network in which the address of this end lies; <see langword="null"/> (the default) means any. An IPv4 network matches IPv4
    /// connections of IPv6 sockets, too.
    /// </summary>
    public IPNetwork? LocalNetwork { get; init; }

    /// <summary>The network in which the address of the other end lies; else as <see cref="LocalNetwork"/>.</summary>
    public IPNetwork? RemoteNetwork { get; init; }
}
