using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What somebody who follows objects has not been told yet, as one step: of two changes of an object only the later is kept.</summary>
internal sealed class ObjectFeed
{
    private readonly NewsSignal _news = new();
    private readonly OrderedDictionary<ObjectKey, KubernetesObject?> _pending = [];
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly OrderedDictionary<ObjectKey, RefusedObject?> _refusals = [];
    private bool _isPartial;
    private long _revision;

    /// <summary>Waits until there is something to take.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _news.WaitAsync(cancellationToken);

    /// <summary>Adds a change. Under the lock of whoever has the objects.</summary>
    public void Add(ObjectBatch batch, long revision)
    {
        foreach (var key in batch.Deleted)
            _pending[key] = null;
        foreach (var item in batch.Upserted)
            _pending[item.Key] = item;
        foreach (var key in batch.NoLongerRefused)
            _refusals[key] = null;
        foreach (var refused in batch.Refused)
            _refusals[refused.Object] = refused;
        _diagnostics.AddRange(batch.Diagnostics);
        _isPartial = batch.IsPartial;
        _revision = revision;
        _news.Set();
    }

    /// <summary>Takes all that there is. Under the same lock.</summary>
    public ObjectBatch Take()
    {
        var batch = new ObjectBatch(
            [.. _pending.Values.OfType<KubernetesObject>()], [.. _pending.Where(static change => change.Value is null).Select(static change => change.Key)], [.. _diagnostics])
        {
            IsPartial = _isPartial,
            Refused = [.. _refusals.Values.OfType<RefusedObject>()],
            NoLongerRefused = [.. _refusals.Where(static change => change.Value is null).Select(static change => change.Key)],
            Revision = _revision,
        };
        _pending.Clear();
        _refusals.Clear();
        _diagnostics.Clear();
        return batch;
    }
}
