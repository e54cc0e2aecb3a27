namespace Datapath.Policy;

/// <summary>Ranges, found by what lies in them: a policy may name thousands, and each looks for those around it.</summary>
internal sealed class RangeIndex
{
    private readonly Dictionary<(IPValue First, int Length, L4Protocol Protocol), List<RedirectTarget>> _ranges = [];

    /// <summary>How many prefixes of each length there are.</summary>
    private readonly int[] _lengths4 = new int[33];
    private readonly int[] _lengths6 = new int[129];

    public void Add(RedirectTarget range)
    {
        var prefix = PrefixOf(range, range.Key.PrefixLength);
        if (!_ranges.TryGetValue(prefix, out var same))
        {
            _ranges.Add(prefix, same = new(1));
            LengthsOf(range)[range.Key.PrefixLength]++;
        }

        same.Add(range);
    }

    /// <summary>Removes a range. An unknown one changes nothing.</summary>
    public void Remove(RedirectTarget range)
    {
        var prefix = PrefixOf(range, range.Key.PrefixLength);
        if (!_ranges.TryGetValue(prefix, out var same) || !same.Remove(range) || same.Count > 0)
            return;
        _ranges.Remove(prefix);
        LengthsOf(range)[range.Key.PrefixLength]--;
    }

    public void Clear()
    {
        _ranges.Clear();
        Array.Clear(_lengths4);
        Array.Clear(_lengths6);
    }

    /// <summary>The ranges in which a target lies, apart from itself; the longest prefix comes last.</summary>
    public IEnumerable<RedirectTarget> Around(RedirectTarget target)
    {
        var lengths = LengthsOf(target);
        for (var length = 0; length <= target.Key.PrefixLength; length++)
        {
            if (lengths[length] == 0 || !_ranges.TryGetValue(PrefixOf(target, length), out var ranges))
                continue;
            foreach (var range in ranges)
            {
                if (!ReferenceEquals(range, target) && range.Key.Contains(target.Key))
                    yield return range;
            }
        }
    }

    private static (IPValue First, int Length, L4Protocol Protocol) PrefixOf(RedirectTarget target, int length) =>
        (target.Address.Masked(length), length, target.Key.First.Protocol);

    private int[] LengthsOf(RedirectTarget target) => target.Address.IsIPv4 ? _lengths4 : _lengths6;
}
