namespace Datapath.Hosting;

/// <summary>
/// The objects of a program's own kind: what the server told last, and what of it nobody has taken yet. What waits is bounded by the number of objects.
/// </summary>
internal sealed class WatchedItems : IReflectedObjects
{
    private readonly Lock _gate = new();
    private readonly NewsSignal _news = new();
    private readonly Dictionary<(string Namespace, string Name), ObjectHeader> _known = [];
    private readonly OrderedDictionary<(string Namespace, string Name), Change> _pending = [];

    /// <summary>The version up to which everything was told.</summary>
    private string _version = "";
    private bool _isListed;
    private bool _isRead;

    /// <inheritdoc/>
    public int Count => _known.Count;

    /// <inheritdoc/>
    public void Replace(IReadOnlyList<ListPage> pages)
    {
        var present = new HashSet<(string, string)>();
        lock (_gate)
        {
            foreach (var page in pages)
            {
                foreach (var (header, range) in page.Items.Zip(page.Ranges))
                {
                    var key = KeyOf(header);
                    if (present.Add(key) && !(_known.TryGetValue(key, out var before) && before.ResourceVersion == header.ResourceVersion))
                        Upsert(key, header, page.Json[range]);
                }
            }

            foreach (var gone in _known.Keys.Where(key => !present.Contains(key)).ToArray())
                Delete(gone);
            _version = pages[0].ResourceVersion;
        }

        Tell();
    }

    /// <inheritdoc/>
    public void Complete()
    {
        var isFirst = !_isListed;
        _isListed = true;
        if (isFirst)
            _news.Set(); // an empty list is one
    }

    /// <inheritdoc/>
    public bool Take(WatchEvent next)
    {
        var key = KeyOf(next.Header);
        lock (_gate)
        {
            var order = EventOrders.Of(next, _known.TryGetValue(key, out var known) ? known : null, _version);
            if (order is not EventOrder.News)
                return order is EventOrder.ToldBefore;
            _version = next.Header.ResourceVersion;
            if (next.Type is WatchEventType.Upserted)
                Upsert(key, next.Header, next.Json);
            else if (next.Type is WatchEventType.Deleted)
                Delete(key);
        }

        Tell();
        return true;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (var key in _known.Keys.ToArray())
                Delete(key);
        }

        Tell();
    }

    /// <inheritdoc/>
    public void BeAbsent()
    {
        // Nothing is told: a definition that is not there yet is no empty list, and nobody's objects are gone.
    }

    /// <summary>Waits until there is something to take, the first time until all objects were told.</summary>
    public async Task<KubernetesBatch<T>> ReadAsync<T>(KubernetesKind<T> kind, CancellationToken cancellationToken)
        where T : class
    {
        Change[] changes;
        do
        {
            await _news.WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                changes = [.. _pending.Values];
                _pending.Clear();
            }
        }
        while (changes.Length == 0 && _isRead); // what was told of was taken with the step before
        _isRead = true;
        return new(
            [.. changes.Where(static change => change.Json is not null).Select(change => ItemReader.Read(kind, change.Header, change.Json!.Value))],
            [.. changes.Where(static change => change.Json is null).Select(static change => KubernetesMetadata.Of(change.Header))]);
    }

    private static (string Namespace, string Name) KeyOf(ObjectHeader header) => (header.Namespace, header.Name);

    private void Tell()
    {
        bool isNews;
        lock (_gate)
            isNews = _pending.Count > 0;
        if (_isListed && isNews)
            _news.Set();
    }

    private void Upsert((string, string) key, ObjectHeader header, ReadOnlyMemory<byte> json)
    {
        _known[key] = header;
        _pending[key] = new(header, json);
    }

    private void Delete((string, string) key)
    {
        if (_known.Remove(key, out var header))
            _pending[key] = new(header, null);
    }

    /// <param name="Header">The object.</param>
    /// <param name="Json">What it is now; <see langword="null"/>: it is gone.</param>
    private readonly record struct Change(ObjectHeader Header, ReadOnlyMemory<byte>? Json);
}
