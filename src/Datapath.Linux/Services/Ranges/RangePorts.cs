using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>
/// What each prefix of the trie must hold. The longest prefix alone is found, so it also says what becomes of those of its ports that only shorter
/// ones around it name.
/// </summary>
internal static class RangePorts
{
    /// <summary>The ports of a prefix, in order, without overlap; each with the range that counts there.</summary>
    /// <param name="prefix">A range with the prefix and the protocol.</param>
    /// <param name="ranges">All ranges.</param>
    public static ImmutableArray<(ushort First, ushort Last, FrontendRange Range)> Of(FrontendRange prefix, IEnumerable<FrontendRange> ranges)
    {
        FrontendRange[] around =
        [
            .. ranges.Where(range => range.Protocol == prefix.Protocol && range.Prefix.PrefixLength <= prefix.Prefix.PrefixLength && range.Prefix.Contains(prefix.Prefix.BaseAddress)
                    && OwnPrefixes.Means(range.Prefix, prefix.Prefix))
                .OrderByDescending(static range => range.Prefix.PrefixLength)
                .ThenBy(static range => range.LastPort - range.FirstPort)
                .ThenBy(static range => range.FirstPort),
        ];
        int[] borders = [.. around.SelectMany(static range => new[] { range.FirstPort, range.LastPort + 1 }).Distinct().Order()];
        var ports = ImmutableArray.CreateBuilder<(ushort First, ushort Last, FrontendRange Range)>();
        for (var i = 0; i + 1 < borders.Length; i++)
        {
            var (first, last) = ((ushort)borders[i], (ushort)(borders[i + 1] - 1));
            if (Array.Find(around, range => range.FirstPort <= first && first <= range.LastPort) is not { } range)
                continue;
            if (ports.Count > 0 && ports[^1].Range == range && ports[^1].Last + 1 == first)
                ports[^1] = ports[^1] with { Last = last };
            else
                ports.Add((first, last, range));
        }

        return ports.ToImmutable();
    }
}
