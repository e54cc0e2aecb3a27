using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Makes one list of what several sources refuse: of several reasons against an object, that of the source that was registered first counts.</summary>
internal sealed class RefusalMerger(int sources)
{
    private readonly Dictionary<ObjectKey, RefusedObject?[]> _refusals = [];

    /// <summary>Takes a source's refusals in and says what changes for everybody.</summary>
    public (ImmutableArray<RefusedObject> Refused, ImmutableArray<ObjectKey> NoLongerRefused) Merge(int source, ObjectBatch batch)
    {
        var refused = ImmutableArray.CreateBuilder<RefusedObject>();
        var over = ImmutableArray.CreateBuilder<ObjectKey>();
        var changes = new OrderedDictionary<ObjectKey, RefusedObject?>();
        foreach (var key in batch.NoLongerRefused)
            changes[key] = null;
        foreach (var item in batch.Refused)
            changes[item.Object] = item;
        foreach (var (key, item) in changes)
        {
            if (!_refusals.TryGetValue(key, out var all))
                _refusals.Add(key, all = new RefusedObject?[sources]);
            var before = First(all);
            all[source] = item;
            var after = First(all);
            if (after is null)
                _ = _refusals.Remove(key);
            if (after is not null && after != before)
                refused.Add(after);
            else if (after is null && before is not null)
                over.Add(key);
        }

        return (refused.ToImmutable(), over.ToImmutable());
    }

    private static RefusedObject? First(RefusedObject?[] all) => Array.Find(all, static refusal => refusal is not null);
}
