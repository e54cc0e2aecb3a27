using System.Net;
using System.Net.Sockets;

namespace Datapath.Kernel.Tests.Lab;

/// <summary>Datagrams on the loopback interface. What is sent there has been delivered or dropped when send returns.</summary>
internal static class Datagrams
{
    /// <summary>Whether one that is sent arrives. A send that is refused counts as one that does not.</summary>
    public static bool Arrive()
    {
        using var receiver = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            sender.SendTo("x"u8, receiver.LocalEndPoint!);
        }
        catch (SocketException)
        {
            return false;
        }

        return receiver.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectRead); // a moment more, in case the kernel put it off
    }
}
