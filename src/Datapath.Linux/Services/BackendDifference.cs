namespace Datapath.Linux.Services;

/// <summary>
/// What comes and what goes when a list of backends replaces the one that slots were written for. Who stays keeps its identifier and is not counted anew, so
/// that a change costs what it changes.
/// </summary>
internal sealed class BackendDifference
{
    private readonly int[] _places;
    private readonly List<L4Address> _came = [];
    private readonly List<L4Address> _left = [];

    private BackendDifference(int backends) => _places = new int[backends];

    /// <summary>For each backend of the new list the first of the old slots that leads there; -1: it comes.</summary>
    public ReadOnlySpan<int> Places => _places;

    /// <summary>Who comes.</summary>
    public IReadOnlyCollection<L4Address> Came => _came;

    /// <summary>Who goes.</summary>
    public IReadOnlyCollection<L4Address> Left => _left;

    /// <summary>Whether the two have the same backends.</summary>
    public bool IsEmpty => _came.Count == 0 && _left.Count == 0;

    /// <summary>Compares what was written with the list that is to replace it.</summary>
    /// <param name="before">What was written, each backend once.</param>
    /// <param name="after">The list, each backend once; its head and tail are those of <paramref name="before"/>.</param>
    public static BackendDifference Between(in WrittenBackends before, in BackendList after)
    {
        var difference = new BackendDifference(after.All.Length);
        var (places, moved) = (difference._places, before.Span.Length - after.All.Length);
        for (var i = 0; i < after.Head; i++)
            places[i] = before.PlaceOf(i);
        for (var i = places.Length - after.Tail; i < places.Length; i++)
            places[i] = before.PlaceOf(i + moved);
        if (before.IsInOrder && after.IsInOrder)
            difference.Merge(in before, in after);
        else
            difference.LookUp(in before, in after);
        return difference;
    }

    /// <summary>Side by side: both are in order.</summary>
    private void Merge(in WrittenBackends before, in BackendList after)
    {
        var next = after.Head;
        var end = after.All.Length - after.Tail;
        for (var i = after.Head; i < before.Span.Length - after.Tail; i++)
        {
            var held = before.Span[i].Address;
            var order = 1;
            while (next < end && (order = after.Span[next].Address.CompareTo(held)) < 0)
            {
                Come(in after, next++);
                order = 1;
            }

            if (order == 0)
                _places[next++] = before.PlaceOf(i);
            else
                _left.Add(held);
        }

        while (next < end)
            Come(in after, next++);
    }

    private void LookUp(in WrittenBackends before, in BackendList after)
    {
        var held = new Dictionary<L4Address, int>();
        for (var i = after.Head; i < before.Span.Length - after.Tail; i++)
            held[before.Span[i].Address] = before.PlaceOf(i);
        for (var i = after.Head; i < after.All.Length - after.Tail; i++)
        {
            if (!held.Remove(after.Span[i].Address, out _places[i]))
                Come(in after, i);
        }

        _left.AddRange(held.Keys);
    }

    private void Come(in BackendList after, int index)
    {
        _places[index] = -1;
        _came.Add(after.Span[index].Address);
    }
}
