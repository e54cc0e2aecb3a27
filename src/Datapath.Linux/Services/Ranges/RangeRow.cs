using System.Collections.Immutable;
using Datapath.BpfObjects.Layout;

namespace Datapath.Linux.Services;

/// <summary>A prefix of the trie, and what it must hold.</summary>
/// <param name="Prefix">A range with the prefix and the protocol.</param>
/// <param name="Ports">Its ports, see <see cref="RangePorts.Of"/>.</param>
internal readonly record struct RangeRow(FrontendRange Prefix, ImmutableArray<(ushort First, ushort Last, FrontendRange Range)> Ports)
{
    /// <summary>The rows for ranges. First those without ports, where nobody means what the ranges around them would: see <see cref="OwnPrefixes"/>.</summary>
    /// <param name="ranges">All ranges, each place once.</param>
    public static IEnumerable<RangeRow> Of(IReadOnlyCollection<FrontendRange> ranges)
    {
        var lookup = new RangeLookup(ranges);
        return OwnPrefixes.LeftAlone(ranges).Concat(ranges.DistinctBy(static range => (range.Prefix, range.Protocol)))
            .Select(range => new RangeRow(range, RangePorts.Of(range, lookup.Around(range.Prefix, range.Protocol))));
    }

    /// <summary>Takes out the ranges by which some prefix would hold more than it can: of those with that prefix the last, but rather one that is new.</summary>
    /// <param name="ranges">All ranges, each place once.</param>
    /// <param name="isInForce">Whether a range is served already.</param>
    /// <returns>What was taken out, each with the number of ranges of ports that the prefix would have had.</returns>
    public static List<(FrontendRange Range, int Ports)> TakeOutUnfit(List<FrontendRange> ranges, Func<FrontendRange, bool> isInForce)
    {
        var unfit = new List<(FrontendRange, int)>();
        while (Of(ranges).FirstOrDefault(static row => row.Ports.Length > (int)RangeLimits.Ports) is { Prefix: { } prefix } row)
        {
            var range = ranges.Where(range => range.Prefix == prefix.Prefix && range.Protocol == prefix.Protocol).OrderByDescending(isInForce).Last();
            _ = ranges.Remove(range);
            unfit.Add((range, row.Ports.Length));
        }

        return unfit;
    }
}
