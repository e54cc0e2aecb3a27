using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Makes one stream of several sources. If two have the same object, the source that was registered first has its way.</summary>
internal sealed class SourceMerger(int sources)
{
    private readonly Dictionary<ObjectKey, KubernetesObject?[]> _copies = [];
    private readonly RefusalMerger _refusals = new(sources);

    /// <summary>Of each object that several sources have, the source that has its way.</summary>
    public ImmutableDictionary<ObjectKey, int> Winners { get; private set; } = ImmutableDictionary<ObjectKey, int>.Empty;

    /// <summary>Takes a source's step in and says what changes for everybody.</summary>
    public ObjectBatch Merge(int source, ObjectBatch batch)
    {
        if (sources == 1)
            return batch;
        var upserted = ImmutableArray.CreateBuilder<KubernetesObject>();
        var deleted = ImmutableArray.CreateBuilder<ObjectKey>();
        var changes = new OrderedDictionary<ObjectKey, KubernetesObject?>();
        foreach (var key in batch.Deleted)
            changes[key] = null;
        foreach (var item in batch.Upserted)
            changes[item.Key] = item;
        foreach (var (key, item) in changes)
        {
            if (!_copies.TryGetValue(key, out var copies))
                _copies.Add(key, copies = new KubernetesObject?[sources]);
            var before = InForce(copies);
            copies[source] = item;
            var after = InForce(copies);
            NoteWinner(key, copies);
            if (after is null)
            {
                _ = _copies.Remove(key);
                if (before is not null)
                    deleted.Add(key);
            }
            else if (!ReferenceEquals(before, after))
            {
                upserted.Add(after);
            }
        }

        var (refused, noLongerRefused) = _refusals.Merge(source, batch);
        return new(upserted.ToImmutable(), deleted.ToImmutable(), batch.Diagnostics) { Refused = refused, NoLongerRefused = noLongerRefused };
    }

    private void NoteWinner(ObjectKey key, KubernetesObject?[] copies)
    {
        var isShared = copies.Count(static copy => copy is not null) > 1;
        Winners = isShared ? Winners.SetItem(key, Array.FindIndex(copies, static copy => copy is not null)) : Winners.Remove(key);
    }

    private static KubernetesObject? InForce(KubernetesObject?[] copies) => Array.Find(copies, static c => c is not null);
}
