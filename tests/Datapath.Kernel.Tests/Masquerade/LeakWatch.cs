using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Looks at all packets that come in to a network namespace for some that bear addresses of pods, or go to addresses that nobody has.</summary>
internal sealed class LeakWatch : IDisposable
{
    private const int AllProtocols = 0x0300; // ETH_P_ALL in network order
    private const int EthernetHeader = 14;
    private readonly ConcurrentQueue<string> _leaks = [];
    private readonly Socket _socket;
    private readonly Task _work;
    private int _count;
    private volatile bool _isEnding;

    public LeakWatch(NetworkNamespace network, params IPAddress[] pods)
    {
        _socket = network.Run(static () => new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)AllProtocols) { ReceiveTimeout = 100, ReceiveBufferSize = 64 << 20 });
        _work = Task.Factory.StartNew(() => Watch(pods), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Ends it.</summary>
    /// <returns>What was seen of them.</returns>
    public string[] End()
    {
        _isEnding = true;
        _work.GetAwaiter().GetResult();
        Assert.That(_count, Is.Positive, "it watched");
        return [.. _leaks];
    }

    public void Dispose()
    {
        _isEnding = true;
        Task.WaitAny(_work);
        _socket.Dispose();
    }

    private void Watch(IPAddress[] pods)
    {
        var buffer = new byte[1 << 16];
        while (true)
        {
            int length;
            try
            {
                length = _socket.Receive(buffer);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                if (_isEnding)
                    return; // all that came before is read
                continue;
            }

            if (EndsOf(buffer.AsSpan(EthernetHeader, length - EthernetHeader)) is not var (source, destination))
                continue;
            _count++;
            if (pods.Contains(source) || destination.ToString().StartsWith("0.", StringComparison.Ordinal))
                _leaks.Enqueue(Convert.ToHexString(buffer.AsSpan(EthernetHeader, Math.Min(length - EthernetHeader, 60))));
        }
    }

    private static (IPAddress Source, IPAddress Destination)? EndsOf(ReadOnlySpan<byte> packet) => packet switch
    {
        { Length: >= 20 } when packet[0] >> 4 == 4 => (new(packet.Slice(12, 4)), new(packet.Slice(16, 4))),
        { Length: >= 40 } when packet[0] >> 4 == 6 => (new(packet.Slice(8, 16)), new(packet.Slice(24, 16))),
        _ => null,
    };
}
