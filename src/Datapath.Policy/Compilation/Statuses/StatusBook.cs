namespace Datapath.Policy;

/// <summary>The statuses of objects that are only looked up: nodes and namespaces.</summary>
internal sealed class StatusBook
{
    private readonly Dictionary<ObjectKey, ObjectStatus> _statuses = [];

    public IEnumerable<ObjectStatus> All => _statuses.Values;

    public ObjectStatus? Find(ObjectKey key) => _statuses.GetValueOrDefault(key);

    public void Remove(ObjectKey key) => _statuses.Remove(key);

    /// <summary>Sets a status, and adds it to <paramref name="changed"/> if it is another one than before.</summary>
    public void Set(ObjectStatus status, List<ObjectStatus> changed)
    {
        if (_statuses.TryGetValue(status.Object, out var before) && before == status)
            return;
        _statuses[status.Object] = status;
        changed.Add(status);
    }
}
