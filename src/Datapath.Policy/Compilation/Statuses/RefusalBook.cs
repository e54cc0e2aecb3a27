using System.Diagnostics.CodeAnalysis;

namespace Datapath.Policy;

/// <summary>The objects that their sources refuse, and how that shows in their statuses.</summary>
internal sealed class RefusalBook
{
    private readonly Dictionary<ObjectKey, string> _reasons = [];
    private readonly HashSet<ObjectKey> _changed = [];
    private readonly Dictionary<ObjectKey, ObjectStatus> _told = [];

    /// <summary>The objects that are refused, and why.</summary>
    public IReadOnlyDictionary<ObjectKey, string> All => _reasons;

    public void Set(RefusedObject refused)
    {
        _reasons[refused.Object] = refused.Reason;
        _changed.Add(refused.Object);
    }

    public void Remove(ObjectKey key)
    {
        if (_reasons.Remove(key))
            _changed.Add(key);
    }

    /// <summary>The object is gone: if its source refuses it, that is all there is to say of it now.</summary>
    public void OnDeleted(ObjectKey key)
    {
        if (_reasons.ContainsKey(key))
            _changed.Add(key);
    }

    /// <summary>What there is to say of an object, as it is seen apart from refusals, or of one that is known for its refusal only.</summary>
    [return: NotNullIfNotNull(nameof(status))]
    public ObjectStatus? Of(ObjectKey key, ObjectStatus? status)
    {
        if (!_reasons.TryGetValue(key, out var reason))
            return status;
        return status is null or { Condition: ObjectCondition.Rejected }
            ? new(key, ObjectCondition.Rejected, 0, reason)
            : status with { IsOutdated = true, Message = $"{status.Message}; a newer version is refused: {reason}; the last good one is in force" };
    }

    /// <summary>Brings a list of changed statuses in line with the refusals.</summary>
    /// <param name="changed">The statuses, apart from refusals.</param>
    /// <param name="find">Finds a status, apart from refusals.</param>
    public void Complete(List<ObjectStatus> changed, Func<ObjectKey, ObjectStatus?> find)
    {
        if (_reasons.Count == 0 && _changed.Count == 0)
            return;
        for (var i = 0; i < changed.Count; i++)
        {
            _changed.Remove(changed[i].Object);
            changed[i] = Of(changed[i].Object, changed[i]);
        }

        foreach (var key in _changed)
        {
            if (Of(key, find(key)) is { } status)
                changed.Add(status);
            else
                _told.Remove(key);
        }

        _changed.Clear();
        changed.RemoveAll(IsTold);
    }

    /// <summary>Whether the status of an object that is or was refused is the one that was told last. If not, it is now.</summary>
    private bool IsTold(ObjectStatus status)
    {
        var isTold = _told.TryGetValue(status.Object, out var before) && before == status;
        if (_reasons.ContainsKey(status.Object))
            _told[status.Object] = status;
        else
            _told.Remove(status.Object);
        return isTold;
    }
}
