using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Makes one stream of several sources. If two have the same object, the source that was registered first has its way.</summary>
internal sealed class SourceMerger(int sources)
{
    private readonly Dictionary<ObjectKey, KubernetesObject?[]> _copies = [];
    private readonly RefusalMerger _refusals = new(sources);
    private readonly List<(ObjectKey Object, int Source, int Winner)> _shadowed = [];

    /// <summary>Of each object that several sources have, the source that has its way.</summary>
    public ImmutableDictionary<ObjectKey, int> Winners { get; private set; } = ImmutableDictionary<ObjectKey, int>.Empty;

    /// <summary>Objects of which another source's came into force, each with the source whose is not and the one whose is, since this was asked last.</summary>
    public ImmutableArray<(ObjectKey Object, int Source, int Winner)> TakeShadowed()
    {
        ImmutableArray<(ObjectKey, int, int)> shadowed = [.. _shadowed];
        _shadowed.Clear();
        return shadowed;
    }

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
            var isNew = copies[source] is null && item is not null;
            copies[source] = item;
            var after = InForce(copies);
            if (isNew)
                NoteShadowed(key, source, copies);
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

    // Of a source that comes with an object that others have: it goes first and theirs are no longer in force, or it does not and its own is not.
    private void NoteShadowed(ObjectKey key, int source, KubernetesObject?[] copies)
    {
        var winner = Array.FindIndex(copies, static copy => copy is not null);
        if (winner < source)
            _shadowed.Add((key, source, winner));
        else if (Array.FindIndex(copies, source + 1, static copy => copy is not null) is var next and >= 0)
            _shadowed.Add((key, next, source));
    }

    private void NoteWinner(ObjectKey key, KubernetesObject?[] copies)
    {
        var isShared = copies.Count(static copy => copy is not null) > 1;
        Winners = isShared ? Winners.SetItem(key, Array.FindIndex(copies, static copy => copy is not null)) : Winners.Remove(key);
    }

    private static KubernetesObject? InForce(KubernetesObject?[] copies) => Array.Find(copies, static c => c is not null);
}
