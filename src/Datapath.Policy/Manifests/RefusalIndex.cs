using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The objects that some file has and that were refused, and what was said of them.</summary>
internal sealed class RefusalIndex
{
    /// <summary>The reasons by file: of several the first counts.</summary>
    private readonly Dictionary<ObjectKey, SortedList<string, string>> _reasons = [];
    private readonly Dictionary<ObjectKey, string> _told = [];

    public void Add(string path, ImmutableArray<RefusedObject> refused, HashSet<ObjectKey> touched)
    {
        foreach (var (key, reason) in refused)
        {
            if (!_reasons.TryGetValue(key, out var reasons))
                _reasons.Add(key, reasons = new(StringComparer.Ordinal));
            reasons.TryAdd(path, reason);
            touched.Add(key);
        }
    }

    public void Remove(string path, ImmutableArray<RefusedObject> refused, HashSet<ObjectKey> touched)
    {
        foreach (var (key, _) in refused)
        {
            touched.Add(key);
            if (_reasons.TryGetValue(key, out var reasons) && reasons.Remove(path) && reasons.Count == 0)
                _reasons.Remove(key);
        }
    }

    /// <summary>Says which refusals are new or have other reasons, and which are over.</summary>
    /// <param name="touched">The objects of which that may be true.</param>
    /// <param name="otherReason">Why an object may be out of date without being refused itself.</param>
    public (ImmutableArray<RefusedObject> Refused, ImmutableArray<ObjectKey> Over) Settle(
        IEnumerable<ObjectKey> touched, Func<ObjectKey, string?> otherReason)
    {
        var refused = ImmutableArray.CreateBuilder<RefusedObject>();
        var over = ImmutableArray.CreateBuilder<ObjectKey>();
        foreach (var key in touched.Order())
        {
            var reason = _reasons.TryGetValue(key, out var reasons) ? reasons.Values[0] : otherReason(key);
            if (reason == _told.GetValueOrDefault(key))
                continue;
            if (reason is null)
            {
                _told.Remove(key);
                over.Add(key);
            }
            else
            {
                _told[key] = reason;
                refused.Add(new(key, reason));
            }
        }

        return (refused.DrainToImmutable(), over.DrainToImmutable());
    }
}
