using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.NodeLocalDns;

/// <summary>Asks by sockets of this process, where there is no <c>dig</c>.</summary>
internal sealed class SocketResolver(NetworkNamespace network) : IResolver
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    public async Task<string?> AskAsync(Transport transport, string name, ushort type, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(s_patience);
        using var socket = network.Run(() => transport.IsTcp
            ? new Socket(transport.Server.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(transport.Server.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        var query = DnsMessage.Query(id: 1, name, type);
        var buffer = new byte[4096];
        try
        {
            await socket.ConnectAsync(new IPEndPoint(transport.Server, Transport.Port), patience.Token);
            if (!transport.IsTcp)
            {
                _ = await socket.SendAsync(query, patience.Token);
                var received = await socket.ReceiveAsync(buffer, patience.Token);
                return DnsMessage.Answer(buffer.AsSpan(0, received), type);
            }

            // Over TCP a message has its length in front.
            await using var stream = new NetworkStream(socket);
            await stream.WriteAsync((byte[])[(byte)(query.Length >> 8), (byte)query.Length, .. query], patience.Token);
            await stream.ReadExactlyAsync(buffer.AsMemory(0, 2), patience.Token);
            var answer = buffer.AsMemory(0, BinaryPrimitives.ReadUInt16BigEndian(buffer));
            await stream.ReadExactlyAsync(answer, patience.Token);
            return DnsMessage.Answer(answer.Span, type);
        }
        catch (SocketException e)
        {
            Console.WriteLine($"  {transport}: {e.SocketErrorCode}");
            return null;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }
}
