using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>The flags of TCP.</summary>
[Flags]
internal enum TcpFlags : byte
{
    None = 0,
    Fin = 1,
    Syn = 2,
    Rst = 4,
    Ack = 16,
}

/// <summary>Segments of TCP as anybody may send them, and the sequence numbers that only the ends know.</summary>
internal static class TcpSegment
{
    private const int Tcp = 6;
    private const int Repair = 19;
    private const int RepairQueue = 20;
    private const int QueueSequence = 21;
    private const int RepairOffWithoutProbe = -1;

    /// <summary>Sends one, without content.</summary>
    /// <param name="network">Where from.</param>
    /// <param name="source">The source that it has, whoever has that address.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="acknowledged">What it acknowledges.</param>
    /// <param name="isRight">Whether its checksum is right: with another it goes its way, and nobody takes it.</param>
    public static void Send(NetworkNamespace network, IPEndPoint source, IPEndPoint destination, TcpFlags flags, uint sequence, uint acknowledged = 0, bool isRight = true)
    {
        var segment = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(segment, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)destination.Port);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), acknowledged);
        segment[12] = 5 << 4;
        segment[13] = (byte)flags;
        byte[] addresses = [.. source.Address.GetAddressBytes(), .. destination.Address.GetAddressBytes()];
        var sum = WirePacket.Sum(addresses, WirePacket.Sum(segment, (uint)(Tcp + segment.Length)));
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), (ushort)(isRight ? ~sum : ~sum ^ 0x5555));
        RawPacket.Send(network, source.Address, destination.Address, Tcp, segment, isLaterFragment: false);
    }

    /// <summary>The sequence numbers of a connected socket: of what it sends next, and of what it receives next.</summary>
    public static (uint Sent, uint Received) SequenceOf(Socket socket)
    {
        const int Receiving = 1;
        const int Sending = 2;
        socket.SetRawSocketOption(Tcp, Repair, BitConverter.GetBytes(1));
        try
        {
            return (Read(Sending), Read(Receiving));
        }
        finally
        {
            socket.SetRawSocketOption(Tcp, Repair, BitConverter.GetBytes(RepairOffWithoutProbe));
        }

        uint Read(int queue)
        {
            socket.SetRawSocketOption(Tcp, RepairQueue, BitConverter.GetBytes(queue));
            var value = new byte[4];
            _ = socket.GetRawSocketOption(Tcp, QueueSequence, value);
            return BitConverter.ToUInt32(value);
        }
    }
}
