using System.Net;

namespace Datapath.Linux.Services;

/// <summary>Ranges, found by the prefixes inside them: there may be thousands, and each prefix looks for those around it.</summary>
internal sealed class RangeLookup
{
    private readonly ILookup<(IPNetwork Prefix, L4Protocol Protocol), FrontendRange> _ranges;
    private readonly int[] _lengths;

    public RangeLookup(IReadOnlyCollection<FrontendRange> ranges)
    {
        _ranges = ranges.ToLookup(static range => (range.Prefix, range.Protocol));
        _lengths = [.. ranges.Select(static range => range.Prefix.PrefixLength).Distinct()];
    }

    /// <summary>The ranges of a protocol with a prefix, or a shorter one around it.</summary>
    public IEnumerable<FrontendRange> Around(IPNetwork prefix, L4Protocol protocol)
    {
        foreach (var length in _lengths)
        {
            if (length > prefix.PrefixLength)
                continue;
            foreach (var range in _ranges[(RangePrefix.Shorten(prefix, length), protocol)])
                yield return range;
        }
    }
}
