using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>The flows of a family in the tables of the eBPF engine, as they are handed over. The maps are the caller's.</summary>
internal interface IFlowTable
{
    /// <summary>The flows that are translated.</summary>
    IEnumerable<KnownFlow> Read();

    /// <summary>The flows that are left alone, and when each ends if no packet comes.</summary>
    IEnumerable<(FlowEnds Ends, TimeSpan Remaining)> ReadKept();

    /// <summary>Leaves flows alone from here on.</summary>
    void Keep(IEnumerable<FlowEnds> flows);

    /// <summary>Translates packets of a flow from here on. Its answers are dropped, until <see cref="Unsink"/>.</summary>
    /// <returns>Whether nobody else had what it leaves with.</returns>
    /// <exception cref="BpfException">There is no room (E2BIG).</exception>
    bool TryAdd(HandedFlow flow);

    /// <summary>Drops answers of flows from here on: were they given their destination, connection tracking could not tell whose they are.</summary>
    void Sink(IEnumerable<KnownFlow> flows);

    /// <summary>Takes back what was added.</summary>
    void Remove(HandedFlow flow);

    /// <summary>Lets the answers of all flows find back.</summary>
    void Unsink();

    /// <summary>Removes the flows that are translated.</summary>
    void Clear();
}
