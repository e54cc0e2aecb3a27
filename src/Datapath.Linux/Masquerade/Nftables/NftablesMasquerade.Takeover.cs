using Datapath.Linux.Masquerade;

namespace Datapath.Linux;

/// <content>Takes the place of an eBPF engine.</content>
public sealed partial class NftablesMasquerade
{
    private const int FlowsBetweenHolds = 1024;

    /// <summary>
    /// Raised by the first <see cref="Apply"/> when it took the place of <see cref="NftablesMasqueradeOptions.PreviousBpfRoot"/>, on its thread; a handler must not throw.
    /// </summary>
    public event EventHandler<MasqueradeTakeover>? TookOver;

    /// <remarks>
    /// At each moment one of the two translates what leaves, to the same address and port: connection tracking knows a flow before there are rules that have the kernel
    /// look it up, and the programs let pass what is translated already. Meanwhile answers are dropped, and packets by which flows begin: both come again.
    /// </remarks>
    private (MasqueradeTakeover Takeover, int Strays) TakeOver(PinnedMasquerade previous, MasqueradeState state)
    {
        var handover = new ConnectionHandover(_connections);
        var kept = new HashSet<FlowEnds>();
        var (known, before) = (0, _rules);
        var isIn = previous.IsIn(_namespace);
        _mayStray = true;
        try
        {
            Put(state, isAnew: false, isIn ? () => known = HandOver(previous, handover, state, kept) : null);
        }
        catch when (_rules == before)
        {
            handover.Undo();
            if (isIn)
                previous.GoOn();
            throw;
        }

        if (!isIn)
            _namespace.Run(previous.Remove); // it goes on to translate answers back, and the kernel would follow flows by these
        previous.EndFlows();
        var strays = EndStrays(state, kept);
        if (isIn)
            _namespace.Run(previous.Remove);
        return (new(_options.PreviousBpfRoot!, handover.Flows, known - handover.Flows, handover.Reason), strays);
    }

    // How many flows there were.
    private int HandOver(PinnedMasquerade previous, ConnectionHandover handover, MasqueradeState state, HashSet<FlowEnds> kept)
    {
        previous.HoldNewFlows();
        var known = previous.ReadFlows();
        HandedFlow[] flows = [.. known.Select(HandedFlow.Of).OfType<HandedFlow>()];

        // Before others are let pass. Answers alone matter that the rules would translate.
        foreach (var (ends, remaining) in Ask(state, rules => previous.ReadKept().Where(flow => rules.Translate(flow.Ends)).ToArray()))
        {
            _ = kept.Add(ends);
            handover.AddFromOutside(ends, remaining);
        }

        previous.HandOver(known, flows);
        handover.Begin();
        foreach (var portion in flows.Chunk(FlowsBetweenHolds))
        {
            previous.HoldNewFlows();
            foreach (var flow in portion)
                handover.Add(flow);
        }

        previous.HoldNewFlows();
        return known.Count(static flow => !HandedFlow.IsOver(flow));
    }
}
