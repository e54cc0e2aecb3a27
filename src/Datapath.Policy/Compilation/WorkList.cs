namespace Datapath.Policy;

/// <summary>What waits to be looked at again: each item once, in the order in which it was added first.</summary>
internal sealed class WorkList<T> where T : class
{
    private readonly HashSet<T> _waiting = [];
    private List<T> _items = [];
    private List<T> _drained = [];

    /// <summary>Lets an item wait.</summary>
    /// <returns>Whether it did not wait already.</returns>
    public bool Add(T item)
    {
        if (!_waiting.Add(item))
            return false;
        _items.Add(item);
        return true;
    }

    /// <summary>Whether an item waits.</summary>
    public bool Contains(T item) => _waiting.Contains(item);

    /// <summary>Takes all items out. What is added from now on, the same items too, waits for the next time.</summary>
    /// <returns>The items; good until the next call.</returns>
    public List<T> Drain()
    {
        (_items, _drained) = (_drained, _items);
        _items.Clear();

        // One by one: clearing a set that once was large costs as much as if it still were.
        foreach (var item in _drained)
            _waiting.Remove(item);
        return _drained;
    }
}
