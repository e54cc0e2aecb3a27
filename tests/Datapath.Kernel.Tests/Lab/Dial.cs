using System.Net;
using System.Net.Sockets;
using System.Text;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>What became of a dial.</summary>
/// <param name="Errno">The error of the call that failed first.</param>
/// <param name="Pod">The name of the pod that answered; empty if none did.</param>
internal readonly record struct Answer(Errno Errno, string Pod)
{
    public override string ToString() => Errno is Errno.None ? Pod : Errno.ToString();
}

/// <summary>Dials from the namespace of the calling thread to a server that tells its name.</summary>
internal static class Dial
{
    /// <summary>Connects over TCP and reads the name.</summary>
    public static Answer Tcp(IPAddress address, int port = ServiceLab.ServicePort)
    {
        using var socket = new RawSocket(address.AddressFamily, SocketType.Stream);
        socket.ResetOnClose();
        var errno = socket.Connect(SocketName.Of(address, port));
        return errno is Errno.None ? Read(socket) : new(errno, "");
    }

    /// <summary>Connects a UDP socket, asks and reads the name.</summary>
    public static Answer Udp(IPAddress address, int port = ServiceLab.ServicePort)
    {
        using var socket = new RawSocket(address.AddressFamily, SocketType.Dgram);
        var errno = socket.Connect(SocketName.Of(address, port));
        return errno is Errno.None ? Ask(socket) : new(errno, "");
    }

    /// <summary>Asks by a connected UDP socket.</summary>
    public static Answer Ask(RawSocket socket)
    {
        var errno = socket.Send("who"u8);
        return errno is Errno.None ? Read(socket) : new(errno, "");
    }

    /// <summary>Asks by an unconnected UDP socket, and tells also where the answer came from.</summary>
    public static (Answer Answer, string From) AskAt(RawSocket socket, IPAddress address, int port = ServiceLab.ServicePort)
    {
        var errno = socket.SendTo("who"u8, SocketName.Of(address, port));
        if (errno is not Errno.None)
            return (new(errno, ""), "");
        var received = socket.ReceiveFrom();
        return (new(received.Errno, Encoding.ASCII.GetString(received.Data)), received.Errno is Errno.None ? received.From.ToString() : "");
    }

    /// <summary>Asks once by a new socket: connected over TCP, connected over UDP, or not connected. Tells also whom the program was told it asked.</summary>
    public static (Answer Answer, string Peer) AskBy(SocketRow row, SocketUse use, SocketName name)
    {
        using var socket = row.Open(use is SocketUse.Tcp ? SocketType.Stream : SocketType.Dgram);
        if (use is SocketUse.Tcp)
            socket.ResetOnClose();
        var errno = use is SocketUse.Datagram ? socket.SendTo("who"u8, name) : socket.Connect(name);
        if (errno is not Errno.None)
            return (new(errno, ""), "");
        var peer = use is SocketUse.Datagram ? "" : socket.PeerName().ToString();
        if (use is SocketUse.ConnectedUdp && socket.Send("who"u8) is var sent and not Errno.None)
            return (new(sent, ""), peer);
        var received = socket.ReceiveFrom();
        if (use is SocketUse.Datagram && received.Errno is Errno.None)
            peer = received.From.ToString();
        return (new(received.Errno, Encoding.ASCII.GetString(received.Data)), peer);
    }

    /// <summary>Whether the kernel knows such a call: a TCP socket of IPv6 takes no address of IPv4.</summary>
    public static bool IsPossible(SocketRow row, SocketUse use) => row is not SocketRow.Ipv6SocketIpv4Address || use is not SocketUse.Tcp;

    private static Answer Read(RawSocket socket)
    {
        var (errno, data, _) = socket.ReceiveFrom();
        return new(errno, Encoding.ASCII.GetString(data));
    }
}
