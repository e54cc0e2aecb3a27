using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Datapath.Linux.Namespaces;

namespace Datapath.MasqueradeSample;

/// <summary>Sends echo requests, each with an identifier of its own, so that each is a flow of its own.</summary>
internal static class Pinger
{
    private const int Patience = 5000; // ms
    private const int ContentLength = 16;

    /// <summary>Sends a request and waits for the reply.</summary>
    /// <param name="network">Where from.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="seen">Sees the request on its way, by the bytes that it carries.</param>
    /// <returns>Whether there was a reply, and what was seen.</returns>
    public static (bool IsAnswered, T Seen) Ping<T>(NetworkNamespace network, IPAddress destination, Func<byte[], T> seen)
    {
        var isIPv4 = destination.AddressFamily is AddressFamily.InterNetwork;
        var content = RandomNumberGenerator.GetBytes(ContentLength);
        using var socket = network.Run(() => new Socket(destination.AddressFamily, SocketType.Raw, isIPv4 ? ProtocolType.Icmp : ProtocolType.IcmpV6) { ReceiveTimeout = Patience });
        _ = socket.SendTo(Echo.Make(isIPv4, (ushort)RandomNumberGenerator.GetInt32(1, ushort.MaxValue), content), new IPEndPoint(destination, 0));
        var request = seen(content);
        return (IsReplyTo(socket, content), request);
    }

    private static bool IsReplyTo(Socket socket, byte[] content)
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                if (buffer.AsSpan(0, socket.Receive(buffer)).EndsWith(content))
                    return true;
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            return false;
        }
    }
}
