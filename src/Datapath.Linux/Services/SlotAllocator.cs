namespace Datapath.Linux.Services;

/// <summary>
/// Free ranges of an array of slots. A range that was in use is not free at once: a program may have read its place an instant ago. It is
/// retired first, and freed after a grace period. Slot 0 belongs to nobody.
/// </summary>
internal sealed class SlotAllocator
{
    /// <summary>From how many slots on a range is worth a look at all that is free.</summary>
    private const int Large = 256;

    /// <summary>Free ranges, by first slot; neighbours are always merged.</summary>
    private readonly SortedList<int, int> _free = [];
    private readonly List<(int First, int Count)> _retired = [];
    private int _cursor;
    private int _freed;

    public SlotAllocator(int capacity)
    {
        Capacity = capacity;
        _free.Add(1, capacity - 1);
        Free = capacity - 1;
    }

    /// <summary>All slots, those not free among them.</summary>
    public int Capacity { get; }

    /// <summary>Slots that can be taken now.</summary>
    public int Free { get; private set; }

    /// <summary>Slots that wait for a grace period.</summary>
    public int Retired { get; private set; }

    /// <summary>Slots that are given out, without those that wait.</summary>
    public int Used => Most - Free - Retired;

    /// <summary>The most slots that can be given out.</summary>
    public int Most => Capacity - 1;

    /// <summary>Takes the ranges that are in use at the start. They must be inside the array and not overlap.</summary>
    /// <param name="used">The ranges, in any order.</param>
    public bool TryReserve(IEnumerable<(int First, int Count)> used)
    {
        _free.Clear();
        Free = 0;
        var position = 1;
        foreach (var (first, count) in used.OrderBy(static r => r.First))
        {
            if (first < position || count > Capacity - first)
                return false;
            if (first > position)
                AddFree(position, first - position);
            position = first + count;
        }

        if (position < Capacity)
            AddFree(position, Capacity - position);
        return true;
    }

    /// <summary>Takes a range.</summary>
    /// <param name="count">Slots, 1 or more.</param>
    /// <param name="first">The first of them.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTake(int count, out int first)
    {
        if (count >= Large)
            return TryTakeLarge(count, out first);
        // From where the last one was taken, so that filling an empty array is one step each.
        for (var step = 0; step < _free.Count; step++)
        {
            var index = (_cursor + step) % _free.Count;
            var available = _free.GetValueAtIndex(index);
            if (available < count)
                continue;
            // From the end of the free range: its key, and with it the order of the list, stays.
            first = _free.GetKeyAtIndex(index) + available - count;
            if (available == count)
                _free.RemoveAt(index);
            else
                _free.SetValueAtIndex(index, available - count);
            _cursor = index;
            Free -= count;
            return true;
        }

        first = 0;
        return false;
    }

    // Where it fits best, and from the beginning: the small ones, which come from the ends, are not to lie between.
    private bool TryTakeLarge(int count, out int first)
    {
        var (index, best) = (-1, int.MaxValue);
        for (var i = 0; i < _free.Count; i++)
        {
            if (_free.GetValueAtIndex(i) is var available && available >= count && available < best)
                (index, best) = (i, available);
        }

        first = index < 0 ? 0 : _free.GetKeyAtIndex(index);
        if (index < 0)
            return false;
        _free.RemoveAt(index);
        if (best > count)
            _free.Add(first + count, best - count);
        Free -= count;
        return true;
    }

    /// <summary>Gives back a range that no program can have seen.</summary>
    public void Return(int first, int count) => AddFree(first, count);

    /// <summary>Gives back a range that programs may still be reading.</summary>
    public void Retire(int first, int count)
    {
        _retired.Add((first, count));
        Retired += count;
    }

    /// <summary>Frees what is retired. Call it after a grace period that began after the last <see cref="Retire"/>.</summary>
    public void FreeRetired() => FreeRetired(new(_retired.Count, _freed));

    /// <summary>What is retired now. Take it before a grace period begins.</summary>
    public RetiredSlots NoteRetired() => new(_retired.Count, _freed);

    /// <summary>Frees what was retired when it was noted, unless somebody did so in the meantime.</summary>
    public void FreeRetired(RetiredSlots noted)
    {
        if (noted.Freed != _freed)
            return;
        foreach (var (first, count) in _retired.GetRange(0, noted.Ranges))
        {
            AddFree(first, count);
            Retired -= count;
        }

        _retired.RemoveRange(0, noted.Ranges);
        _freed++;
    }

    private void AddFree(int first, int count)
    {
        Free += count;
        var after = LowerBound(first);
        if (after < _free.Count && _free.GetKeyAtIndex(after) == first + count)
        {
            count += _free.GetValueAtIndex(after);
            _free.RemoveAt(after);
        }

        if (after > 0 && _free.GetKeyAtIndex(after - 1) + _free.GetValueAtIndex(after - 1) == first)
            _free.SetValueAtIndex(after - 1, _free.GetValueAtIndex(after - 1) + count);
        else
            _free.Add(first, count);
    }

    /// <summary>The position of the first free range at or after a slot.</summary>
    private int LowerBound(int first)
    {
        var (low, high) = (0, _free.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_free.GetKeyAtIndex(middle) < first)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

/// <summary>What an allocator had retired at a time.</summary>
/// <param name="Ranges">How many ranges, the oldest ones.</param>
/// <param name="Freed">How often it had freed some until then.</param>
internal readonly record struct RetiredSlots(int Ranges, int Freed);
