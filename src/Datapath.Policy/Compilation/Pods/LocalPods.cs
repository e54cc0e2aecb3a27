using System.Diagnostics.CodeAnalysis;

namespace Datapath.Policy;

/// <summary>The valid pods of this node, by namespace and name.</summary>
internal sealed class LocalPods
{
    private readonly SortedDictionary<string, SortedDictionary<string, PodEntry>> _byNamespace = new(StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public IEnumerable<PodEntry> All => _byNamespace.Values.SelectMany(static pods => pods.Values);

    /// <summary>Those of a namespace, by name.</summary>
    public IEnumerable<PodEntry> In(string name) => _byNamespace.TryGetValue(name, out var pods) ? pods.Values : [];

    public bool TryGet(PodName name, [NotNullWhen(true)] out PodEntry? entry)
    {
        entry = null;
        return _byNamespace.TryGetValue(name.Namespace, out var pods) && pods.TryGetValue(name.Name, out entry);
    }

    public void Add(PodEntry entry)
    {
        if (!_byNamespace.TryGetValue(entry.Name.Namespace, out var pods))
            _byNamespace.Add(entry.Name.Namespace, pods = new(StringComparer.Ordinal));
        pods[entry.Name.Name] = entry;
    }

    public void Remove(PodEntry entry)
    {
        if (_byNamespace.TryGetValue(entry.Name.Namespace, out var pods) && pods.Remove(entry.Name.Name) && pods.Count == 0)
            _byNamespace.Remove(entry.Name.Namespace);
    }
}
