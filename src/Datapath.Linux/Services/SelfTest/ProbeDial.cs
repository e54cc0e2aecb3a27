using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Linux.Services;

/// <summary>
/// A dial that tells by its errno whether the programs saw it: a datagram socket in a network namespace without any route connects to a frontend without
/// backends. The programs refuse it as they refuse all such dials; without them no route leads there. Nothing is ever sent.
/// </summary>
internal static class ProbeDial
{
    /// <summary>The frontends: of the ranges that are kept for documentation (RFC 5737, RFC 3849), so that nobody serves them.</summary>
    public static L4Address IPv4 { get; } = new(IPAddress.Parse("192.0.2.253"), 64253, L4Protocol.Udp);

    /// <inheritdoc cref="IPv4"/>
    public static L4Address IPv6 { get; } = new(IPAddress.Parse("2001:db8:0:da7a:7a7::fd"), 64253, L4Protocol.Udp);

    /// <summary>Dials.</summary>
    /// <param name="frontend">One of the two.</param>
    /// <param name="namespace">A namespace without routes.</param>
    /// <param name="expected">What the programs answer.</param>
    /// <returns>What happened instead, or <see langword="null"/>.</returns>
    public static string? Fault(L4Address frontend, NetworkNamespace @namespace, SocketError expected)
    {
        var answer = @namespace.Run(() => Dial(frontend));
        return answer == expected ? null : $"a dial to {frontend} was not seen by the programs: it got {answer}, expected {expected}";
    }

    private static SocketError Dial(L4Address frontend)
    {
        try
        {
            using var socket = new Socket(frontend.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPEndPoint(frontend.Address, frontend.Port));
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }
}
