using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>Changes that nobody has taken yet, of which the last for each object counts. Not safe for several threads at once.</summary>
internal sealed class PendingObjects
{
    private readonly OrderedDictionary<ObjectKey, KubernetesObject?> _objects = [];
    private readonly OrderedDictionary<ObjectKey, string?> _refusals = [];

    /// <summary>Whether there is nothing to take.</summary>
    public bool IsEmpty => _objects.Count == 0 && _refusals.Count == 0;

    /// <summary>An object is as it says; <see langword="null"/>: it is gone.</summary>
    public void Set(ObjectKey key, KubernetesObject? item) => _objects[key] = item;

    /// <summary>An object is refused for a reason; <see langword="null"/>: it is no longer.</summary>
    public void Refuse(ObjectKey key, string? reason) => _refusals[key] = reason;

    /// <summary>Takes all that there is as one step.</summary>
    public ObjectBatch Take(ImmutableArray<Diagnostic> diagnostics)
    {
        var batch = new ObjectBatch([.. _objects.Values.OfType<KubernetesObject>()], Ended(_objects), diagnostics)
        {
            Refused = [.. _refusals.Where(static item => item.Value is not null).Select(static item => new RefusedObject(item.Key, item.Value!))],
            NoLongerRefused = Ended(_refusals),
        };
        _objects.Clear();
        _refusals.Clear();
        return batch;
    }

    private static ImmutableArray<ObjectKey> Ended<T>(IEnumerable<KeyValuePair<ObjectKey, T?>> changes)
        where T : class => [.. changes.Where(static item => item.Value is null).Select(static item => item.Key)];
}
