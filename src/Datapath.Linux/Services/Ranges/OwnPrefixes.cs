using System.Net;

namespace Datapath.Linux.Services;

/// <summary>
/// Addresses that are each network namespace's own: loopback, and the unspecified ones, which a dial takes for loopback. Ranges around them leave them alone.
/// </summary>
internal static class OwnPrefixes
{
    private static readonly IPNetwork[] s_all =
        [new(new IPAddress([127, 0, 0, 0]), 8), new(IPAddress.Any, 32), new(IPAddress.IPv6Loopback, 128), new(IPAddress.IPv6Any, 128)];

    /// <summary>Whether a range means the addresses of a prefix that is not wider than it, and inside it.</summary>
    public static bool Means(IPNetwork range, IPNetwork prefix) =>
        Array.TrueForAll(s_all, own => !IsInside(prefix, own) || IsInside(range, own));

    /// <summary>What ranges leave alone, and nothing else says so: each needs a place of its own that is empty.</summary>
    public static IEnumerable<FrontendRange> LeftAlone(IReadOnlyCollection<FrontendRange> ranges) =>
        from protocol in ranges.Select(static range => range.Protocol).Distinct()
        from own in s_all
        where ranges.Any(range => range.Protocol == protocol && range.Prefix != own && IsInside(own, range.Prefix))
            && !ranges.Any(range => range.Protocol == protocol && range.Prefix == own)
        select new FrontendRange(own, 1, ushort.MaxValue, protocol, []);

    private static bool IsInside(IPNetwork inner, IPNetwork outer) =>
        inner.PrefixLength >= outer.PrefixLength && outer.Contains(inner.BaseAddress);
}
