using System.Diagnostics;
using System.Net.Sockets;
using Datapath.Kernel.Tests.Lab;
using Datapath.Linux;

namespace Datapath.Kernel.Tests.Soak;

/// <summary>Connected UDP sockets of a pod that are asked again and again, and dial anew only when they were ended.</summary>
internal sealed class LongLivedSockets(int pod, int seed, AnswerRules rules, DialTally tally) : IDisposable
{
    private const int Count = 16;
    private static readonly L4Address[] s_destinations = [.. SoakAddresses.Destinations.Where(static d => d.Protocol is L4Protocol.Udp)];
    private readonly Connected?[] _sockets = new Connected?[Count];
    private readonly Random _random = new(seed);

    /// <summary>Asks the next one, or connects it.</summary>
    public void AskOne()
    {
        var place = _random.Next(Count);
        ref var socket = ref _sockets[place];
        if (socket is null)
        {
            socket = Connect(new(pod, s_destinations[_random.Next(s_destinations.Length)]));
            return;
        }

        var (started, kind) = (Stopwatch.GetTimestamp(), socket.Kind);
        var answer = Dial.Ask(socket.Socket).ToString();
        var verdict = AnswerRules.IsEnd(answer) ? AnswerVerdict.Ended : rules.Judge(kind, answer, started);
        tally.Add(answer, verdict, () => $"connected UDP of pod{pod} to {kind.Destination}: {answer}, not {rules.Describe(kind)}");
        if (verdict is AnswerVerdict.Right && answer.StartsWith("pod", StringComparison.Ordinal))
            return;
        socket.Socket.Dispose();
        socket = null;
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket?.Socket.Dispose();
    }

    private static Connected? Connect(DialKind kind)
    {
        var address = kind.Destination.Address;
        var socket = new RawSocket(address.AddressFamily, SocketType.Dgram);
        if (socket.Connect(SocketName.Of(address, kind.Destination.Port)) is Errno.None)
            return new(socket, kind);
        socket.Dispose(); // whether it was right to be refused is a matter of the other dials
        return null;
    }

    private sealed record Connected(RawSocket Socket, DialKind Kind);
}
