using System.Collections.Immutable;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>A prefix of the trie, and what it must hold.</summary>
/// <param name="Prefix">A range with the prefix and the protocol.</param>
/// <param name="Ports">Its ports, see <see cref="RangePorts.Of"/>.</param>
internal readonly record struct RangeRow(FrontendRange Prefix, ImmutableArray<(ushort First, ushort Last, FrontendRange Range)> Ports)
{
    /// <summary>Whether the trie can hold it.</summary>
    public bool Fits => Ports.Length <= (int)RangeLimits.Ports;

    /// <summary>The rows for ranges.</summary>
    /// <param name="ranges">All ranges, each place once.</param>
    public static IEnumerable<RangeRow> Of(IReadOnlyCollection<FrontendRange> ranges) =>
        ranges.DistinctBy(static range => (range.Prefix, range.Protocol)).Select(range => new RangeRow(range, RangePorts.Of(range, ranges)));
}
