using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Datapath.SampleCluster;

/// <summary>The objects of a cluster in all versions that are not forgotten yet, and who watches them.</summary>
internal sealed class ApiStore
{
    private readonly Lock _gate = new();
    private readonly List<(long Version, ApiResource Resource, JsonObject? Old, JsonObject? New)> _log = [];
    private readonly List<WatchSession> _sessions = [];
    private readonly Dictionary<long, ImmutableSortedDictionary<string, JsonObject>> _snapshots = [];
    private ImmutableSortedDictionary<string, JsonObject> _objects = ImmutableSortedDictionary.Create<string, JsonObject>(StringComparer.Ordinal);
    private long _version = 100;
    private long _forgotten = 99;

    public ApiStore() => _snapshots[_version] = _objects;

    /// <summary>The newest version.</summary>
    public long Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    /// <summary>The watches that are open.</summary>
    public WatchSession[] Sessions
    {
        get
        {
            lock (_gate)
                return [.. _sessions];
        }
    }

    public JsonObject? Find(ApiResource resource, string space, string name)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(Key(resource, space, name))?.DeepClone().AsObject();
    }

    /// <summary>Writes an object: makes it, or changes it. One that is to be deleted goes when nobody has anything to finish with it any more.</summary>
    /// <returns>The object as it is then.</returns>
    public JsonObject Put(ApiResource resource, JsonObject item)
    {
        lock (_gate)
        {
            item = item.DeepClone().AsObject();
            var metadata = item["metadata"]!.AsObject();
            var space = resource.IsNamespaced ? (string?)metadata["namespace"] ?? "default" : "";
            if (resource.IsNamespaced)
                metadata["namespace"] = space;
            var key = Key(resource, space, (string)metadata["name"]!);
            var old = _objects.GetValueOrDefault(key);
            metadata["uid"] = (string?)old?["metadata"]!["uid"] ?? Guid.NewGuid().ToString();
            metadata["creationTimestamp"] = (string?)old?["metadata"]!["creationTimestamp"] ?? "2026-01-01T00:00:00Z";
            if ((string?)old?["metadata"]!["deletionTimestamp"] is { } deleted)
                metadata["deletionTimestamp"] = deleted;
            var isSameSpec = old is not null && JsonNode.DeepEquals(old["spec"], item["spec"]);
            metadata["generation"] = ((long?)old?["metadata"]!["generation"] ?? 0) + (isSameSpec ? 0 : 1);
            (item["apiVersion"], item["kind"]) = (resource.ApiVersion, resource.Kind);
            Commit(resource, key, old, IsFinished(item) ? null : item);
            return item.DeepClone().AsObject();
        }
    }

    /// <summary>Changes an object that is there.</summary>
    /// <param name="resource">The kind.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="version">The version that it must be of; <see langword="null"/>: any.</param>
    /// <param name="change">Gives the changed object.</param>
    /// <returns>The object as it is then, and whether it was of that version. If not it is not changed.</returns>
    public (JsonObject? Item, bool IsChanged) Change(ApiResource resource, string space, string name, string? version, Func<JsonObject, JsonObject> change)
    {
        lock (_gate)
        {
            if (Find(resource, space, name) is not { } item)
                return (null, false);
            return version is null || (string?)item["metadata"]!["resourceVersion"] == version ? (Put(resource, change(item)), true) : (item, false);
        }
    }

    /// <summary>Changes nothing of an object but its version, as a heartbeat does.</summary>
    public void Touch(ApiResource resource, string space, string name) => Put(resource, Find(resource, space, name)!);

    /// <summary>Deletes an object, or marks it as to be deleted if it has finalizers.</summary>
    public JsonObject? Delete(ApiResource resource, string space, string name)
    {
        lock (_gate)
        {
            var key = Key(resource, space, name);
            if (!_objects.TryGetValue(key, out var old))
                return null;
            var marked = old.DeepClone().AsObject();
            var metadata = marked["metadata"]!.AsObject();
            if (metadata["deletionTimestamp"] is null)
                (metadata["deletionTimestamp"], metadata["generation"]) = ("2026-01-02T00:00:00Z", (long)metadata["generation"]! + 1);
            Commit(resource, key, old, IsFinished(marked) ? null : marked);
            return marked;
        }
    }

    /// <summary>Forgets all versions before the newest.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            _forgotten = _version - 1;
            _log.Clear();
            _snapshots.Clear();
            _snapshots[_version] = _objects;
        }
    }

    /// <summary>A page of the objects as they were at a version.</summary>
    /// <returns><see langword="null"/>: the version is forgotten.</returns>
    public (long Version, List<JsonObject> Items, string? LastKey)? List(ApiResource resource, ApiSelectors selectors, long? version, string after, int limit)
    {
        lock (_gate)
        {
            var at = version ?? _version;
            if (!_snapshots.TryGetValue(at, out var objects))
                return null;
            var items = new List<JsonObject>();
            foreach (var (key, item) in objects)
            {
                if (!key.StartsWith($"{resource.Group}/{resource.Plural}|", StringComparison.Ordinal) || string.CompareOrdinal(key, after) <= 0 || !selectors.Match(item))
                    continue;
                if (limit > 0 && items.Count == limit)
                    return (at, items, KeyOf(resource, items[^1]));
                items.Add(item.DeepClone().AsObject());
            }

            return (at, items, null);
        }
    }

    /// <summary>Begins a watch after a version.</summary>
    /// <returns>Whether that version is remembered.</returns>
    public bool Watch(WatchSession session, long version)
    {
        lock (_gate)
        {
            if (version < _forgotten)
                return false;
            foreach (var entry in _log.Where(entry => entry.Version > version && entry.Resource == session.Resource))
                session.Tell(entry.Old, entry.New, entry.Version);
            _sessions.Add(session);
            return true;
        }
    }

    public void End(WatchSession session)
    {
        lock (_gate)
            _ = _sessions.Remove(session);
    }

    private void Commit(ApiResource resource, string key, JsonObject? old, JsonObject? item)
    {
        _version++;
        if (item is not null)
            item["metadata"]!["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture);
        _objects = item is null ? _objects.Remove(key) : _objects.SetItem(key, item);
        _snapshots[_version] = _objects;
        _log.Add((_version, resource, old, item));
        foreach (var session in _sessions.Where(session => session.Resource == resource))
            session.Tell(old, item, _version);
    }

    private static bool IsFinished(JsonObject item) =>
        item["metadata"]!["deletionTimestamp"] is not null && item["metadata"]!["finalizers"] is not JsonArray { Count: > 0 };

    private static string KeyOf(ApiResource resource, JsonObject item) =>
        Key(resource, (string?)item["metadata"]!["namespace"] ?? "", (string)item["metadata"]!["name"]!);

    private static string Key(ApiResource resource, string space, string name) => $"{resource.Group}/{resource.Plural}|{space}/{name}";
}
