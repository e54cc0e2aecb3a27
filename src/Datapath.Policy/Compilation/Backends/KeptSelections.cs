namespace Datapath.Policy;

/// <summary>
/// What was selected for the frontends of a service, and what has become of its slices since: where backends are judged each for itself, a change of a few
/// is brought in without a look at the others.
/// </summary>
/// <param name="plan">What was selected for.</param>
internal sealed class KeptSelections(ServicePlan plan)
{
    /// <summary>More backends are not brought in one by one.</summary>
    private const int MostBackends = 4;

    /// <summary>More slices are not remembered: what is not served now may change for ever.</summary>
    private const int MostSlices = 16;

    private readonly List<(SliceEntry Slice, bool Came)> _changes = [];
    private (BackendKey Key, Selection Selection)[] _selections = [];

    /// <summary>A slice has come.</summary>
    public void OnCame(SliceEntry slice) => Note(slice, came: true);

    /// <summary>A slice has gone.</summary>
    public void OnLeft(SliceEntry slice)
    {
        if (!_changes.Remove((slice, true)))
            Note(slice, came: false);
    }

    /// <summary>Finds what a frontend gets.</summary>
    public bool TryFind(BackendKey key, out Selection selection)
    {
        foreach (var (other, kept) in _selections)
        {
            if (other == key)
            {
                selection = kept;
                return true;
            }
        }

        selection = default;
        return false;
    }

    /// <summary>Keeps what a frontend gets.</summary>
    public void Add(BackendKey key, Selection selection) => _selections = [.. _selections, (key, selection)];

    /// <summary>Brings in what has become of the slices.</summary>
    /// <param name="current">What is selected for now.</param>
    /// <param name="slices">All slices there are now.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="editor">Who does it.</param>
    /// <returns>Whether it could. If not, what is kept is of no use.</returns>
    public bool TryFollow(ServicePlan current, List<SliceEntry> slices, string node, SelectionEditor editor)
    {
        if (!ReferenceEquals(current, plan) || _selections.Length == 0)
            return false;
        if (_changes.Count == 0)
            return true;
        if (!editor.Difference.TryCompare(Of(came: false), Of(came: true), MostBackends) || !editor.Difference.AreAlone(slices))
            return false;
        _changes.Clear();
        foreach (ref var kept in _selections.AsSpan())
        {
            if (!editor.TryEdit(ref kept.Selection, kept.Key, node))
                return false;
        }

        return true;
    }

    private void Note(SliceEntry slice, bool came)
    {
        if (_selections.Length == 0)
            return;
        _changes.Add((slice, came));
        if (_changes.Count <= MostSlices)
            return;
        _selections = [];
        _changes.Clear();
    }

    private Candidate[] Of(bool came)
    {
        SliceEntry? only = null;
        foreach (var change in _changes)
        {
            if (change.Came != came)
                continue;
            if (only is not null)
                return Merge(came);
            only = change.Slice;
        }

        return only?.Candidates ?? [];
    }

    private Candidate[] Merge(bool came)
    {
        Candidate[] all = [.. _changes.Where(change => change.Came == came).SelectMany(static change => change.Slice.Candidates)];
        Array.Sort(all, static (left, right) => Candidate.Compare(in left, in right));
        return all;
    }
}
