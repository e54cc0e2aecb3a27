using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <inheritdoc cref="IFlowTable"/>
internal sealed class FlowTable<
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
    [DynamicallyAccessedMembers(PaddingFinder.Fields)] TFlow,
    TFamily>(BpfMap flows, BpfMap kept) : IFlowTable
    where TKey : unmanaged
    where TFlow : unmanaged
    where TFamily : IFlowFamily<TKey, TFlow>
{
    private readonly BpfHashMap<TKey, TFlow> _flows = flows.AsHash<TKey, TFlow>();
    private readonly BpfHashMap<TKey, NatKept> _kept = kept.AsHash<TKey, NatKept>();

    public IEnumerable<KnownFlow> Read() => FlowReader.Read<TKey, TFlow, TFamily>(flows, new());

    public IEnumerable<(FlowEnds Ends, TimeSpan Remaining)> ReadKept()
    {
        var now = Now();
        foreach (var (key, value) in _kept.ToList())
        {
            var ends = TFamily.ReadEnds(in key);
            var idle = now > value.UsedAt ? TimeSpan.FromTicks((long)(now - value.UsedAt) / TimeSpan.NanosecondsPerTick) : TimeSpan.Zero;
            var remaining = KeptLifetimes.Of(ends.Protocol, (value.UsedAt & NatKept.Answered) != 0) - idle;
            if (remaining > TimeSpan.Zero)
                yield return (ends, remaining);
        }
    }

    public void Keep(IEnumerable<FlowEnds> flows)
    {
        TKey[] keys = [.. flows.Select(TFamily.Outgoing)];
        var values = new NatKept[keys.Length];
        Array.Fill(values, new() { UsedAt = Now() | NatKept.Answered });
        _kept.SetAll(keys, values);
    }

    public bool TryAdd(HandedFlow flow)
    {
        var now = Now();
        var outgoing = TFamily.Outgoing(flow.Ends);
        var translated = TFamily.Make(flow.Translated, flow.Sent, now);
        var incoming = TFamily.Twin(in outgoing, in translated);
        var answer = TFamily.Make(flow.Ends.Source with { Address = TFamily.Sink }, flow.Received, now);

        // One that is sunk was added by a process that was killed in the midst of this.
        if (!_flows.TryAdd(incoming, answer) && !(IsSunk(incoming) && _flows.TryReplace(incoming, answer)))
            return false;
        try
        {
            _flows.Set(outgoing, translated);
            return true;
        }
        catch (BpfException)
        {
            _ = _flows.Remove(incoming);
            throw;
        }
    }

    public void Sink(IEnumerable<KnownFlow> flows)
    {
        foreach (var (flow, _, _) in flows)
        {
            var incoming = IncomingOf(new(flow.Source, flow.Peer, flow.Protocol), flow.Translated);
            if (_flows.TryGetValue(incoming, out var value))
                _ = _flows.TryReplace(incoming, TFamily.WithReplacement(value, TFamily.Sink));
        }
    }

    public void Remove(HandedFlow flow)
    {
        _ = _flows.Remove(IncomingOf(flow.Ends, flow.Translated));
        _ = _flows.Remove(TFamily.Outgoing(flow.Ends));
    }

    public void Unsink()
    {
        var entries = _flows.ToList().ToDictionary();
        foreach (var (key, value) in entries)
        {
            if (TFamily.ReadOutgoing(in key, in value) is not { } content)
                continue;
            if (content.Source.Address.Equals(TFamily.Sink))
            {
                _ = _flows.Remove(key); // programs of an earlier version made it of an answer that was dropped
                continue;
            }

            var incoming = TFamily.Twin(in key, in value);
            if (entries.TryGetValue(incoming, out var answer) && TFamily.Replacement(in answer).Equals(TFamily.Sink))
                _ = _flows.TryReplace(incoming, TFamily.WithReplacement(answer, content.Source.Address));
        }
    }

    public void Clear() => _ = _flows.TakeAll();

    private static TKey IncomingOf(FlowEnds ends, FlowEnd translated) => TFamily.Twin(TFamily.Outgoing(ends), TFamily.Make(translated, default, default));

    private bool IsSunk(in TKey incoming) => _flows.TryGetValue(incoming, out var found) && TFamily.Replacement(in found).Equals(TFamily.Sink);

    // On Linux, nanoseconds of the clock that the programs read.
    private static ulong Now() => (ulong)Stopwatch.GetTimestamp();
}
