namespace Datapath.Linux.Services;

/// <summary>
/// What comes and what goes when a set of backends replaces another one of the same frontend. Who stays keeps its identifier and is not counted anew, so
/// that a change costs what it changes and one look at the rest.
/// </summary>
internal sealed class BackendDifference(int backends)
{
    private readonly int[] _places = new int[backends];
    private readonly List<L4Address> _came = [];
    private List<L4Address> _left = [];

    /// <summary>For each backend of the new set the first slot of the old one that leads there; -1: it comes.</summary>
    public ReadOnlySpan<int> Places => _places;

    /// <summary>Who comes.</summary>
    public IReadOnlyCollection<L4Address> Came => _came;

    /// <summary>Who goes.</summary>
    public IReadOnlyCollection<L4Address> Left => _left;

    /// <summary>Whether the two sets have the same backends.</summary>
    public bool IsEmpty => _came.Count == 0 && _left.Count == 0;

    /// <summary>Compares the slots of a frontend with the set that is to replace them.</summary>
    /// <param name="protocol">The frontend's protocol.</param>
    /// <param name="slots">The slots that take traffic.</param>
    /// <param name="backends">The set, each backend once.</param>
    public static BackendDifference Between<TSlot, TFamily>(L4Protocol protocol, ReadOnlySpan<TSlot> slots, ReadOnlySpan<Backend> backends)
        where TSlot : unmanaged
        where TFamily : IFamily<TSlot>
    {
        var difference = new BackendDifference(backends.Length);
        if (difference.TryMerge<TSlot, TFamily>(protocol, slots, backends))
            return difference;
        difference = new(backends.Length);
        difference.LookUp<TSlot, TFamily>(protocol, slots, backends);
        return difference;
    }

    /// <summary>Side by side, as long as both are in order; slots of which a backend has several are not.</summary>
    private bool TryMerge<TSlot, TFamily>(L4Protocol protocol, ReadOnlySpan<TSlot> slots, ReadOnlySpan<Backend> backends)
        where TSlot : unmanaged
        where TFamily : IFamily<TSlot>
    {
        var next = 0;
        var last = default(L4Address);
        for (var i = 0; i < slots.Length; i++)
        {
            var held = TFamily.Read(in slots[i], protocol).Backend;
            if (i > 0 && last.CompareTo(held) >= 0)
                return false;
            last = held;
            var order = 1;
            while (next < backends.Length && (order = backends[next].Address.CompareTo(held)) < 0)
            {
                if (!TryCome(backends, next++))
                    return false;
                order = 1;
            }

            if (order == 0)
                _places[next++] = i;
            else
                _left.Add(held);
        }

        while (next < backends.Length)
        {
            if (!TryCome(backends, next++))
                return false;
        }

        return true;
    }

    // Who stays is in order because the slots are.
    private bool TryCome(ReadOnlySpan<Backend> backends, int index)
    {
        _places[index] = -1;
        _came.Add(backends[index].Address);
        return index == 0 || backends[index - 1].Address.CompareTo(backends[index].Address) < 0;
    }

    private void LookUp<TSlot, TFamily>(L4Protocol protocol, ReadOnlySpan<TSlot> slots, ReadOnlySpan<Backend> backends)
        where TSlot : unmanaged
        where TFamily : IFamily<TSlot>
    {
        var first = BackendIndex.Of<TSlot, TFamily>(slots);
        var held = new Dictionary<L4Address, int>();
        for (var i = 0; i < slots.Length; i++)
        {
            if (first.Find(TFamily.BackendId(in slots[i])) == i)
                held[TFamily.Read(in slots[i], protocol).Backend] = i;
        }

        for (var i = 0; i < backends.Length; i++)
        {
            if (held.Remove(backends[i].Address, out _places[i]))
                continue;
            _places[i] = -1;
            _came.Add(backends[i].Address);
        }

        _left = [.. held.Keys];
    }
}
