using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// A program's own objects: a source that says what the program tells it. Each change is one step with a number, its revision, by which
/// <see cref="DatapathMonitor.WaitForRevisionAsync"/> tells when it is in force. Safe from any thread.
/// </summary>
/// <remarks>What is there when the host starts is the initial list. Changes that come faster than the kernel takes them in become one step.</remarks>
public sealed class DatapathObjects : IObjectSource
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, KubernetesObject> _objects = [];
    private readonly List<ObjectFeed> _feeds = [];

    /// <summary>The number of the last change; 0 before the first.</summary>
    public long Revision
    {
        get
        {
            lock (_gate)
                return field;
        }

        private set;
    }

    /// <summary>All objects, in the order of their keys.</summary>
    public ImmutableArray<KubernetesObject> All
    {
        get
        {
            lock (_gate)
                return [.. _objects.Values.OrderBy(static item => item.Key)];
        }
    }

    /// <summary>Finds an object.</summary>
    /// <param name="key">Its key.</param>
    /// <returns><see langword="null"/>: there is none.</returns>
    public KubernetesObject? Find(ObjectKey key)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(key);
    }

    /// <summary>Adds objects, or replaces those of the same keys, in one step.</summary>
    /// <param name="objects">The objects. Of two with one key the later counts.</param>
    /// <returns>The revision that has them.</returns>
    public long Upsert(params ReadOnlySpan<KubernetesObject> objects) => Apply(ObjectBatch.Upsert(objects));

    /// <summary>Deletes objects in one step. Deleting one that is not there does nothing.</summary>
    /// <param name="keys">Their keys.</param>
    /// <returns>The revision that lacks them.</returns>
    public long Delete(params ReadOnlySpan<ObjectKey> keys) => Apply(ObjectBatch.Delete(keys));

    /// <summary>Makes these all the objects there are, in one step. What is equal costs nothing further on.</summary>
    /// <param name="objects">The objects. Of two with one key the later counts.</param>
    /// <returns>The revision that has exactly them.</returns>
    /// <exception cref="ArgumentException">An object is <see langword="null"/>, or something in it that must not be. Nothing was changed.</exception>
    public long Replace(IEnumerable<KubernetesObject> objects)
    {
        ArgumentNullException.ThrowIfNull(objects);
        ImmutableArray<KubernetesObject> all = [.. objects];
        if (new ObjectBatch(all, [], []).FindFlaw() is { } flaw)
            throw new ArgumentException(flaw, nameof(objects));
        var wanted = new Dictionary<ObjectKey, KubernetesObject>();
        foreach (var item in all)
            wanted[item.Key] = item;
        lock (_gate)
        {
            var gone = _objects.Keys.Where(key => !wanted.ContainsKey(key));
            var changed = wanted.Values.Where(item => !_objects.TryGetValue(item.Key, out var old) || !old.Equals(item));
            return Apply(new ObjectBatch([.. changed], [.. gone], []));
        }
    }

    /// <summary>Makes a change: the deletions, then the upserts in their order.</summary>
    /// <param name="batch">The change. Its diagnostics and refusals are passed on as they are.</param>
    /// <returns>The revision that has it.</returns>
    /// <exception cref="ArgumentException">Something in it is <see langword="null"/> that must not be. Nothing was changed.</exception>
    public long Apply(ObjectBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.FindFlaw() is { } flaw)
            throw new ArgumentException(flaw, nameof(batch));
        lock (_gate)
        {
            foreach (var key in batch.Deleted)
                _ = _objects.Remove(key);
            foreach (var item in batch.Upserted)
                _objects[item.Key] = item;
            Revision++;
            foreach (var feed in _feeds)
                feed.Add(batch, Revision);
            return Revision;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectBatch> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var feed = new ObjectFeed();
        lock (_gate)
        {
            feed.Add(new([.. _objects.Values], [], []), Revision);
            _feeds.Add(feed);
        }

        try
        {
            while (true)
            {
                await feed.WaitAsync(cancellationToken).ConfigureAwait(false);
                ObjectBatch batch;
                lock (_gate)
                    batch = feed.Take();
                yield return batch;
            }
        }
        finally
        {
            lock (_gate)
                _ = _feeds.Remove(feed);
        }
    }
}
