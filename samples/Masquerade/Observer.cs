using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;
using Datapath.SampleNode;

namespace Datapath.MasqueradeSample;

/// <summary>Watches a device as tcpdump does, for echoes of ICMP and ICMPv6.</summary>
internal sealed class Observer : IDisposable
{
    private const int EveryProtocol = 0x0003; // ETH_P_ALL
    private const int EthernetHeader = 14;
    private const int Patience = 5000; // ms
    private readonly Socket _socket;

    public Observer(NetworkNamespace network, string device) => _socket = network.Run(() =>
    {
        using var route = new Linux.Netlink.RouteNetlink();
        var socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)BinaryPrimitives.ReverseEndianness((ushort)EveryProtocol)) { ReceiveTimeout = Patience };
        socket.Bind(new DeviceEndPoint(route.GetLink(device).Index));
        return socket;
    });

    /// <summary>The next echo request with an identifier.</summary>
    /// <exception cref="SampleException">None came.</exception>
    public Echo Read(IPAddress destination, byte[] content)
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var packet = buffer.AsSpan(0, _socket.Receive(buffer));
                if (packet.Length > EthernetHeader && Echo.TryRead(packet[EthernetHeader..], content) is { } echo && echo.Destination.Equals(destination))
                    return echo;
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            throw new SampleException($"no echo request to {destination} was seen in {Patience / 1000} s");
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>A device, as packet sockets are bound to (packet(7), struct sockaddr_ll).</summary>
    private sealed class DeviceEndPoint(int index) : EndPoint
    {
        private const int Length = 20;

        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, Length);
            BinaryPrimitives.WriteUInt16BigEndian(address.Buffer.Span[2..], EveryProtocol);
            BitConverter.TryWriteBytes(address.Buffer.Span[4..], index);
            return address;
        }
    }
}
