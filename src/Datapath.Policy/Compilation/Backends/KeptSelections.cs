namespace Datapath.Policy;

/// <summary>
/// What was selected for the frontends of a service, and what has become of its slices since: where backends are judged each for itself, a change of a few
/// is brought in without a look at the others.
/// </summary>
internal sealed class KeptSelections
{
    /// <summary>More backends are not brought in one by one.</summary>
    private const int MostBackends = 4;

    /// <summary>More slices are not remembered: what is not served now may change for ever.</summary>
    private const int MostSlices = 16;

    private readonly List<(SliceEntry Slice, bool Came)> _changes = [];
    private (BackendKey Key, Selection Selection)[] _selections = [];
    private ServicePlan? _plan;

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

    /// <summary>Forgets all.</summary>
    /// <param name="plan">What is selected for from now on.</param>
    public void Clear(ServicePlan plan)
    {
        _plan = plan;
        Forget();
    }

    /// <summary>Brings in what has become of the slices.</summary>
    /// <param name="plan">What is selected for.</param>
    /// <param name="slices">All slices there are now.</param>
    /// <param name="node">The node's name.</param>
    /// <returns>Whether it could.</returns>
    public bool TryFollow(ServicePlan plan, List<SliceEntry> slices, string node)
    {
        if (!ReferenceEquals(plan, _plan))
            return false;
        if (_changes.Count == 0)
            return true;
        if (CandidateDifference.Between(Of(came: false), Of(came: true), MostBackends) is not { } difference || !difference.AreAlone(slices))
            return false;
        _changes.Clear();
        foreach (ref var kept in _selections.AsSpan())
        {
            if (TryFollow(kept.Key, kept.Selection, difference, node) is not { } next)
                return false;
            kept.Selection = next;
        }

        return true;
    }

    private void Note(SliceEntry slice, bool came)
    {
        if (_selections.Length == 0)
            return;
        _changes.Add((slice, came));
        if (_changes.Count > MostSlices)
            Forget();
    }

    private void Forget()
    {
        _selections = [];
        _changes.Clear();
    }

    private static Selection? TryFollow(BackendKey key, Selection selection, CandidateDifference difference, string node)
    {
        foreach (var candidate in difference.Left)
        {
            if (key.Judge([candidate], node) is not BackendFit.Fits)
                continue;
            if (selection.Without(candidate.Backend) is not { } without)
                return null;
            selection = without;
        }

        foreach (var candidate in difference.Came)
        {
            if (key.Judge([candidate], node) is BackendFit.Fits)
                selection = selection.With(candidate.Backend);
        }

        return selection;
    }

    private Candidate[] Of(bool came)
    {
        SliceEntry[] slices = [.. _changes.Where(change => change.Came == came).Select(static change => change.Slice)];
        if (slices is [var only])
            return only.Candidates;
        Candidate[] all = [.. slices.SelectMany(static slice => slice.Candidates)];
        Array.Sort(all, static (left, right) => Candidate.Compare(in left, in right));
        return all;
    }
}
