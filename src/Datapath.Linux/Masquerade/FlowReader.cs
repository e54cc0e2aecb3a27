using System.Buffers.Binary;
using Datapath.BpfObjects.Layout;
using Datapath.Linux.Bpf;

namespace Datapath.Linux.Masquerade;

/// <summary>Reads the flows of both families.</summary>
internal static class FlowReader
{
    private const long TickLength = 100; // ns

    public static IEnumerable<MasqueradeFlow> Read4(BpfMap map)
    {
        var flows = map.AsHash<FlowKey4, Flow4>().ToList().ToDictionary();
        var now = Now;
        foreach (var (key, flow) in flows)
        {
            if (key.Direction is not FlowDirection.Out)
                continue;
            var isEcho = key.Protocol == 1;
            var twin = new FlowKey4
            {
                Source = key.Destination, Destination = flow.Address, SourcePort = isEcho ? flow.Port : key.DestinationPort, DestinationPort = flow.Port,
                Protocol = key.Protocol, Direction = FlowDirection.In,
            };
            var answer = flows.GetValueOrDefault(twin);
            yield return new(
                new(NatAddress.Of(key.Source), Swap(key.SourcePort)), new(NatAddress.Of(flow.Address), Swap(flow.Port)), new(NatAddress.Of(key.Destination), Swap(key.DestinationPort)),
                key.Protocol, Since(now, flow.MadeAt), Since(now, Math.Max(flow.UsedAt, answer.UsedAt)), answer.Seen is not FlowSeen.Nothing);
        }
    }

    public static IEnumerable<MasqueradeFlow> Read6(BpfMap map)
    {
        var flows = map.AsHash<FlowKey6, Flow6>().ToList().ToDictionary();
        var now = Now;
        foreach (var (key, flow) in flows)
        {
            if (key.Direction is not FlowDirection.Out)
                continue;
            var isEcho = key.Protocol == 58;
            var twin = new FlowKey6
            {
                Source = key.Destination, Destination = flow.Address, SourcePort = isEcho ? flow.Port : key.DestinationPort, DestinationPort = flow.Port,
                Protocol = key.Protocol, Direction = FlowDirection.In,
            };
            var answer = flows.GetValueOrDefault(twin);
            yield return new(
                new(NatAddress.Of(key.Source), Swap(key.SourcePort)), new(NatAddress.Of(flow.Address), Swap(flow.Port)), new(NatAddress.Of(key.Destination), Swap(key.DestinationPort)),
                key.Protocol, Since(now, flow.MadeAt), Since(now, Math.Max(flow.UsedAt, answer.UsedAt)), answer.Seen is not FlowSeen.Nothing);
        }
    }

    // Stopwatch counts nanoseconds of CLOCK_MONOTONIC on Linux, as the programs do.
    private static ulong Now => (ulong)System.Diagnostics.Stopwatch.GetTimestamp();

    private static TimeSpan Since(ulong now, ulong then) => now > then ? new((long)(now - then) / TickLength) : TimeSpan.Zero;

    private static ushort Swap(ushort port) => BinaryPrimitives.ReverseEndianness(port);
}
