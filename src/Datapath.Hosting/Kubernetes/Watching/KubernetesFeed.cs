using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Gathers the changes of all kinds until somebody takes them: a burst is one step, and what waits is bounded by the number of objects.</summary>
internal sealed class KubernetesFeed
{
    private readonly Lock _gate = new();
    private readonly NewsSignal _signal = new();
    private readonly HashSet<ObjectKind> _unlisted;
    private readonly PendingObjects _pending = new();
    private readonly Dictionary<ObjectKey, string> _refused = [];
    private readonly Dictionary<ObjectKey, ImmutableArray<Diagnostic>> _diagnostics = [];
    private readonly HashSet<ObjectKey> _news = [];

    /// <param name="kinds">The kinds that are waited for.</param>
    public KubernetesFeed(IEnumerable<ObjectKind> kinds) => _unlisted = [.. kinds];

    /// <summary>What there is to say about objects now.</summary>
    public ImmutableArray<Diagnostic> Diagnostics
    {
        get
        {
            lock (_gate)
                return [.. _diagnostics.OrderBy(static item => item.Key).SelectMany(static item => item.Value)];
        }
    }

    /// <summary>Takes changes in.</summary>
    public void Take(KindChanges changes)
    {
        lock (_gate)
        {
            foreach (var (key, item) in changes.Objects)
                _pending.Set(key, item);
            foreach (var (key, reason) in changes.Refused)
            {
                if (_refused.GetValueOrDefault(key) == reason)
                    continue;
                _pending.Refuse(key, reason);
                if (reason is null)
                    _ = _refused.Remove(key);
                else
                    _refused[key] = reason;
            }

            foreach (var (key, diagnostics) in changes.Diagnostics)
                Note(key, diagnostics);
            if (_unlisted.Count > 0 || (_pending.IsEmpty && _news.Count == 0))
                return;
        }

        _signal.Set();
    }

    /// <summary>All objects of a kind were told, or there is no such kind.</summary>
    public void Complete(ObjectKind kind)
    {
        lock (_gate)
        {
            if (!_unlisted.Remove(kind) || _unlisted.Count > 0)
                return;
        }

        _signal.Set();
    }

    /// <summary>Waits until there is something to take, the first time until every kind is complete.</summary>
    public async Task<ObjectBatch> ReadAsync(CancellationToken cancellationToken)
    {
        await _signal.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            var batch = _pending.Take([.. _news.Order().SelectMany(key => _diagnostics.GetValueOrDefault(key, []))]) with { IsPartial = _refused.Count > 0 };
            _news.Clear();
            return batch;
        }
    }

    private void Note(ObjectKey key, ImmutableArray<Diagnostic> diagnostics)
    {
        if (_diagnostics.GetValueOrDefault(key, []).SequenceEqual(diagnostics))
            return;
        if (diagnostics.IsEmpty)
        {
            _ = _diagnostics.Remove(key);
            _ = _news.Remove(key);
        }
        else
        {
            _diagnostics[key] = diagnostics;
            _ = _news.Add(key);
        }
    }
}
