using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>A flow as the programs know it.</summary>
/// <param name="Flow">The flow.</param>
/// <param name="Sent">What packets of the source were.</param>
/// <param name="Received">What packets of the peer were, without an end that the source has not acknowledged.</param>
internal readonly record struct KnownFlow(MasqueradeFlow Flow, FlowSeen Sent, FlowSeen Received);

/// <summary>Reads flows.</summary>
internal static class FlowReader
{
    private const long TickLength = 100; // ns

    /// <summary>The flows of a family.</summary>
    public static IEnumerable<KnownFlow> Read<
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TKey,
        [DynamicallyAccessedMembers(PaddingFinder.Fields)] TFlow,
        TFamily>(BpfMap map, FlowLifetimes lifetimes)
        where TKey : unmanaged
        where TFlow : unmanaged
        where TFamily : IFlowFamily<TKey, TFlow>
    {
        var entries = map.AsHash<TKey, TFlow>().ToList().ToDictionary();
        var now = (ulong)Stopwatch.GetTimestamp(); // on Linux, nanoseconds of the clock that the programs read
        foreach (var (key, flow) in entries)
        {
            if (TFamily.ReadOutgoing(in key, in flow) is not { } content || content.Source.Address.Equals(TFamily.Sink))
                continue; // incoming, or made of an answer that was dropped while flows are handed over
            var twin = entries.GetValueOrDefault(TFamily.Twin(in key, in flow));
            var (answer, own) = (TFamily.State(in twin), TFamily.State(in flow));
            var idle = Since(now, Math.Max(content.MadeAt, Math.Max(own.UsedAt, answer.UsedAt))); // the time of use is noted a little early
            var left = lifetimes.Of(content.Protocol, own.Seen, answer.SeenBy(own)) - idle;
            yield return new(new(
                content.Source,
                content.Translated,
                content.Peer,
                content.Protocol,
                Since(now, content.MadeAt),
                idle,
                answer.Seen is not FlowSeen.Nothing)
            {
                ExpiresIn = left > TimeSpan.Zero ? left : TimeSpan.Zero,
            }, own.Seen, answer.SeenBy(own));
        }
    }

    private static TimeSpan Since(ulong now, ulong then) => now > then ? new((long)(now - then) / TickLength) : TimeSpan.Zero;
}
