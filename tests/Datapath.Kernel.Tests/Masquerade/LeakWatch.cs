using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Datapath.Linux.Namespaces;

namespace Datapath.Kernel.Tests.Masquerade;

/// <summary>Looks at all packets that come in to a network namespace for some that bear addresses of pods.</summary>
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
    /// <returns>What was seen of pods.</returns>
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

            if (_isEnding && ++_count > 1_000_000)
                return;
            if (WirePacket.Read(buffer.AsSpan(EthernetHeader, length - EthernetHeader)) is not { } packet)
                continue;
            _count++;
            if (pods.Contains(packet.Source))
                _leaks.Enqueue(packet.ToString());
        }
    }
}
