using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Sends and takes whole Ethernet frames by a device: packet(7).</summary>
internal sealed class FrameSocket : IDisposable
{
    private const ushort AllProtocols = 3; // ETH_P_ALL
    private readonly Socket _socket;

    public FrameSocket(NetworkNamespace network, string device) => _socket = network.Run(() =>
    {
        using var route = network.OpenRouteNetlink();
        var socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)BinaryPrimitives.ReverseEndianness(AllProtocols)) { ReceiveTimeout = 5000 };
        socket.Bind(new DeviceEndPoint(route.GetLink(device).Index));
        return socket;
    });

    public void Send(byte[] frame) => Assert.That(_socket.Send(frame), Is.EqualTo(frame.Length));

    /// <summary>The next frame of interest, whoever sends it. The kernel takes away its outermost tag of a VLAN.</summary>
    public byte[] Take(Func<byte[], bool> isWanted)
    {
        var buffer = new byte[1 << 16];
        while (true)
        {
            var frame = buffer[.._socket.Receive(buffer)];
            if (isWanted(frame))
                return frame;
        }
    }

    public void Dispose() => _socket.Dispose();

    // A sockaddr_ll.
    private sealed class DeviceEndPoint(int index) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, 20);
            BinaryPrimitives.WriteUInt16BigEndian(address.Buffer.Span[2..], AllProtocols);
            BinaryPrimitives.WriteInt32LittleEndian(address.Buffer.Span[4..], index);
            return address;
        }

        public override EndPoint Create(SocketAddress socketAddress) => this;
    }
}
