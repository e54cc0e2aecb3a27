using System.Collections.Concurrent;
using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>
/// The objects of a kind, as the server last told them. Makes changes out of lists and events: what is told twice, or is older than what is known, is none.
/// Written by one, read by any thread.
/// </summary>
/// <param name="resource">The kind.</param>
/// <param name="feed">Takes the changes.</param>
/// <param name="told">Set whenever the server told something, even if it changes nothing for the datapath.</param>
internal sealed class KindStore(KubernetesResource resource, KubernetesFeed feed, ChangeSignal? told = null) : IReflectedObjects
{
    private readonly ConcurrentDictionary<ObjectKey, KnownObject> _known = new();

    /// <summary>The version up to which everything was told.</summary>
    private string _version = "";

    /// <inheritdoc/>
    public int Count => _known.Count;

    /// <summary>What is known of an object.</summary>
    public KnownObject? Find(ObjectKey key) => _known.GetValueOrDefault(key);

    /// <inheritdoc/>
    public void Replace(IReadOnlyList<ListPage> pages)
    {
        var changes = new KindChanges();
        var present = new HashSet<ObjectKey>();
        foreach (var page in pages)
        {
            var content = ManifestReader.Read(page.Json, resource.Path);
            var (objects, refused, diagnostics) = Sort(content);
            foreach (var header in page.Items)
            {
                var key = KeyOf(header);
                if (present.Add(key))
                    Upsert(key, header, objects.GetValueOrDefault(key), refused.GetValueOrDefault(key), diagnostics[key], changes);
            }
        }

        foreach (var gone in _known.Keys.Where(key => !present.Contains(key)))
            Delete(gone, changes);
        _version = pages[0].ResourceVersion;
        feed.Take(changes);
        told?.Set();
    }

    /// <inheritdoc/>
    public bool Take(WatchEvent next)
    {
        var key = KeyOf(next.Header);
        var order = EventOrders.Of(next, Find(key)?.Header, _version);
        if (order is not EventOrder.News)
            return order is EventOrder.ToldBefore;
        _version = next.Header.ResourceVersion;
        var changes = new KindChanges();
        if (next.Type is WatchEventType.Upserted)
        {
            var (objects, refused, diagnostics) = Sort(ManifestReader.Read(next.Json, resource.Path));
            Upsert(key, next.Header, objects.GetValueOrDefault(key), refused.GetValueOrDefault(key), diagnostics[key], changes);
        }
        else if (next.Type is WatchEventType.Deleted)
        {
            Delete(key, changes);
        }

        feed.Take(changes);
        told?.Set();
        return true;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        var changes = new KindChanges();
        foreach (var key in _known.Keys)
            Delete(key, changes);
        feed.Take(changes);
    }

    /// <inheritdoc/>
    public void Complete() => feed.Complete(resource.Kind);

    /// <inheritdoc/>
    public void BeAbsent() => feed.Complete(resource.Kind);

    private void Upsert(ObjectKey key, ObjectHeader header, KubernetesObject? item, string? refusal, IEnumerable<Diagnostic> diagnostics, KindChanges changes)
    {
        var before = Find(key)?.Told;
        _known[key] = new(header, item ?? before);
        if (item is null)
            changes.Refused[key] = refusal ?? "cannot be read";
        else if (!item.Equals(before))
            changes.Objects[key] = item;
        if (item is not null)
            changes.Refused[key] = null;
        changes.Diagnostics[key] = [.. diagnostics];
    }

    private void Delete(ObjectKey key, KindChanges changes)
    {
        if (!_known.TryRemove(key, out var known))
            return;
        if (known.Told is not null)
            changes.Objects[key] = null;
        changes.Refused[key] = null;
        changes.Diagnostics[key] = [];
    }

    private ObjectKey KeyOf(ObjectHeader header) => new(resource.Kind, resource.IsNamespaced ? header.Namespace : "", header.Name);

    private (Dictionary<ObjectKey, KubernetesObject> Objects, Dictionary<ObjectKey, string> Refused, ILookup<ObjectKey, Diagnostic> Diagnostics) Sort(ManifestContent content)
    {
        var objects = new Dictionary<ObjectKey, KubernetesObject>();
        foreach (var item in content.Objects)
            _ = objects.TryAdd(item.Key, item);
        var refused = new Dictionary<ObjectKey, string>();
        foreach (var (key, reason) in content.Refused)
            _ = refused.TryAdd(key, reason);
        // Fields that are not used are the rule in a cluster, and nobody's mistake. A line number says nothing in a text of one line.
        var diagnostics = content.Diagnostics
            .Where(static diagnostic => diagnostic.Severity is not DiagnosticSeverity.Debug)
            .Select(static diagnostic => diagnostic with { Line = 0 })
            .ToLookup(diagnostic => new ObjectKey(resource.Kind, resource.IsNamespaced ? diagnostic.Namespace ?? "" : "", diagnostic.Name ?? ""));
        return (objects, refused, diagnostics);
    }
}
