using System.Collections.Immutable;
using System.Threading.Channels;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Gathers the changes of all kinds until somebody takes them: a burst is one step, and what waits is bounded by the number of objects.</summary>
internal sealed class KubernetesFeed
{
    private readonly Lock _gate = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<ObjectKind> _unlisted;
    private readonly OrderedDictionary<ObjectKey, KubernetesObject?> _objects = [];
    private readonly Dictionary<ObjectKey, string?> _refusals = [];
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
                _objects[key] = item;
            foreach (var (key, reason) in changes.Refused)
            {
                if (_refused.GetValueOrDefault(key) == reason)
                    continue;
                _refusals[key] = reason;
                if (reason is null)
                    _ = _refused.Remove(key);
                else
                    _refused[key] = reason;
            }

            foreach (var (key, diagnostics) in changes.Diagnostics)
                Note(key, diagnostics);
            if (_unlisted.Count > 0 || (_objects.Count == 0 && _refusals.Count == 0 && _news.Count == 0))
                return;
        }

        _ = _signal.Writer.TryWrite(true);
    }

    /// <summary>All objects of a kind were told, or there is no such kind.</summary>
    public void Complete(ObjectKind kind)
    {
        lock (_gate)
        {
            if (!_unlisted.Remove(kind) || _unlisted.Count > 0)
                return;
        }

        _ = _signal.Writer.TryWrite(true);
    }

    /// <summary>Waits until there is something to take, the first time until every kind is complete.</summary>
    public async Task<ObjectBatch> ReadAsync(CancellationToken cancellationToken)
    {
        _ = await _signal.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            var batch = new ObjectBatch(
                [.. _objects.Values.OfType<KubernetesObject>()],
                [.. _objects.Where(static item => item.Value is null).Select(static item => item.Key)],
                [.. _news.Order().SelectMany(key => _diagnostics.GetValueOrDefault(key, []))])
            {
                IsPartial = _refused.Count > 0,
                Refused = [.. _refusals.Where(static item => item.Value is not null).Select(static item => new RefusedObject(item.Key, item.Value!))],
                NoLongerRefused = [.. _refusals.Where(static item => item.Value is null).Select(static item => item.Key)],
            };
            _objects.Clear();
            _refusals.Clear();
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
