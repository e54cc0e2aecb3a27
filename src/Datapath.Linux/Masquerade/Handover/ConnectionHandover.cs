using System.Net;
using Datapath.Linux.Netlink;

namespace Datapath.Linux.Masquerade;

/// <summary>Hands flows to connection tracking, which translates them on as they were, once there are rules that have it translate at all.</summary>
/// <param name="connections">The connections.</param>
internal sealed class ConnectionHandover(ConntrackNetlink connections)
{
    // Between a deletion and the addition a packet may come, and the kernel follows the flow by that.
    private const int Attempts = 16;

    private readonly List<ConntrackTuple> _made = [];
    private readonly HashSet<FlowEnds> _goingOn = []; // translated already: a process was killed that had handed them over
    private readonly Dictionary<FlowEnds, IPEndPoint> _dialed = []; // between source and peer, what the source dialed

    /// <summary>How many flows were handed over.</summary>
    public int Flows { get; private set; }

    /// <summary>Why the first of those was refused that were not, if the kernel did.</summary>
    public string? Reason { get; private set; }

    /// <summary>Looks what the kernel follows already.</summary>
    public void Begin()
    {
        foreach (var entry in connections.List())
        {
            var leaving = HandedFlow.AnswersOf(entry.Reply);
            if (entry.HasOtherSource)
                _ = _goingOn.Add(HandedFlow.EndsOf(entry.Original));
            else if (!leaving.Peer.Equals(HandedFlow.EndsOf(entry.Original).Peer))
                _dialed[leaving] = entry.Original.Destination;
        }
    }

    /// <summary>Hands a flow over, in the place of what the kernel knows of its packets.</summary>
    public void Add(HandedFlow flow)
    {
        if (_goingOn.Contains(flow.Ends))
        {
            Flows++;
            return;
        }

        var draft = flow.ToConnection(_dialed.GetValueOrDefault(flow.Ends));
        var ack = connections.TryAdd(draft);
        for (var attempt = 1; attempt < Attempts && ack.Errno is Errno.EEXIST; attempt++)
        {
            _ = connections.DeleteWith(draft.Original);
            _ = connections.DeleteWith(HandedFlow.Tuple(flow.TranslatedEnds));
            ack = connections.TryAdd(draft);
        }

        if (ack.Errno is not Errno.None)
        {
            Reason ??= NetlinkException.Failed($"have the connection from {flow.Ends.Source} to {flow.Ends.Peer} go on as {flow.Translated}", ack).Message;
            return;
        }

        _made.Add(draft.Original);
        Flows++;
    }

    /// <summary>Has a connection from outside followed, if it is not already.</summary>
    public void AddFromOutside(FlowEnds kept, TimeSpan remaining)
    {
        var draft = HandedFlow.FromOutside(kept, remaining);
        if (connections.TryAdd(draft).Errno is Errno.None)
            _made.Add(draft.Original);
    }

    /// <summary>Has the kernel forget what was handed over.</summary>
    public void Undo()
    {
        foreach (var packets in _made)
            _ = connections.DeleteWith(packets);
        _made.Clear();
        Flows = 0;
    }
}
