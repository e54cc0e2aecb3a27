namespace Datapath.Linux.Services;

/// <summary>
/// Where the first slot of each backend is among slots. The identifiers of a frontend's backends mostly lie close together, and then it is an array: a
/// frontend of datagrams has up to 131,072 slots to look up.
/// </summary>
internal sealed class BackendIndex
{
    private readonly uint _least;
    private readonly int[] _near = [];
    private readonly Dictionary<uint, int> _far = [];

    private BackendIndex(uint least, uint most, int slots)
    {
        _least = least;
        if (most - least < (2 * (uint)slots) + 4096)
        {
            _near = new int[most - least + 1];
            Array.Fill(_near, -1);
        }
    }

    public static BackendIndex Of<TSlot, TFamily>(ReadOnlySpan<TSlot> slots)
        where TSlot : unmanaged
        where TFamily : IFamily<TSlot>
    {
        var (least, most) = (uint.MaxValue, 0U);
        foreach (ref readonly var slot in slots)
        {
            var id = TFamily.BackendId(in slot);
            (least, most) = (Math.Min(least, id), Math.Max(most, id));
        }

        var index = new BackendIndex(Math.Min(least, most), most, slots.Length);
        for (var i = slots.Length - 1; i >= 0; i--)
            index.Set(TFamily.BackendId(in slots[i]), i);
        return index;
    }

    /// <summary>The place of the first slot of a backend; -1 if none is its.</summary>
    public int Find(uint id)
    {
        if (_near.Length == 0)
            return _far.GetValueOrDefault(id, -1);
        var place = unchecked(id - _least);
        return place < _near.Length ? _near[place] : -1;
    }

    private void Set(uint id, int place)
    {
        if (_near.Length == 0)
            _far[id] = place;
        else
            _near[id - _least] = place;
    }
}
