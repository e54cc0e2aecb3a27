using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>The objects that masquerading depends on, of all that the sources tell.</summary>
internal sealed class MasqueradeObjects
{
    private readonly Dictionary<ObjectKey, Node> _nodes = [];
    private readonly Dictionary<ObjectKey, Pod> _pods = [];
    private readonly Dictionary<ObjectKey, Namespace> _namespaces = [];

    public IReadOnlyCollection<Node> Nodes => _nodes.Values;

    public IReadOnlyCollection<Pod> Pods => _pods.Values;

    public IReadOnlyCollection<Namespace> Namespaces => _namespaces.Values;

    /// <summary>Takes a step in.</summary>
    /// <returns>Whether it matters.</returns>
    public bool Take(ObjectBatch batch)
    {
        var matters = false;
        foreach (var key in batch.Deleted)
            matters |= _nodes.Remove(key) | _pods.Remove(key) | _namespaces.Remove(key);
        foreach (var item in batch.Upserted)
        {
            matters |= item switch
            {
                Node node => Set(_nodes, node),
                Pod pod => Set(_pods, pod),
                Namespace scope => Set(_namespaces, scope),
                _ => false,
            };
        }

        return matters;
    }

    // An object that says the same again, as those of an API server do every few seconds, costs no compilation.
    private static bool Set<T>(Dictionary<ObjectKey, T> items, T item)
        where T : KubernetesObject
    {
        if (items.TryGetValue(item.Key, out var before) && before.Equals(item))
            return false;
        items[item.Key] = item;
        return true;
    }
}
