using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>What somebody who follows objects has not been told yet, as one step.</summary>
internal sealed class ObjectFeed
{
    private readonly NewsSignal _news = new();
    private readonly PendingObjects _pending = new();
    private readonly List<Diagnostic> _diagnostics = [];
    private bool _isPartial;
    private long _revision;

    /// <summary>Waits until there is something to take.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _news.WaitAsync(cancellationToken);

    /// <summary>Adds a change. Under the lock of whoever has the objects.</summary>
    public void Add(ObjectBatch batch, long revision)
    {
        foreach (var key in batch.Deleted)
            _pending.Set(key, item: null);
        foreach (var item in batch.Upserted)
            _pending.Set(item.Key, item);
        foreach (var key in batch.NoLongerRefused)
            _pending.Refuse(key, reason: null);
        foreach (var refused in batch.Refused)
            _pending.Refuse(refused.Object, refused.Reason);
        _diagnostics.AddRange(batch.Diagnostics);
        _isPartial = batch.IsPartial;
        _revision = revision;
        _news.Set();
    }

    /// <summary>Takes all that there is. Under the same lock.</summary>
    public ObjectBatch Take()
    {
        var batch = _pending.Take([.. _diagnostics]) with { IsPartial = _isPartial, Revision = _revision };
        _diagnostics.Clear();
        return batch;
    }
}
