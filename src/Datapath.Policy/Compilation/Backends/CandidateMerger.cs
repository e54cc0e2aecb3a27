namespace Datapath.Policy;

/// <summary>
/// Merges the candidates of slices, two by two: each slice has its own in order, so that a change of one among many does not sort them all
/// again. Holds scratch memory: not thread-safe.
/// </summary>
internal sealed class CandidateMerger
{
    private readonly List<int> _ends = [];
    private readonly List<Candidate[]> _parts = [];
    private Candidate[] _from = [];
    private Candidate[] _to = [];
    private ReadOnlyMemory<Candidate> _merged;

    /// <summary>All candidates in order.</summary>
    public ReadOnlySpan<Candidate> Merged => _merged.Span;

    public void Load(List<SliceEntry> slices)
    {
        if (slices is [var only])
        {
            _merged = only.Candidates;
            return;
        }

        var count = Collect(slices);
        while (_ends.Count > 1)
            MergePairs();
        _merged = _from.AsMemory(0, count);
    }

    /// <summary>Puts the candidates of one slice after those of the other, those that come first foremost: most often that leaves little to merge.</summary>
    private int Collect(List<SliceEntry> slices)
    {
        _ends.Clear();
        _parts.Clear();
        var count = 0;
        foreach (var slice in slices)
        {
            if (slice.Candidates.Length == 0)
                continue;
            _parts.Add(slice.Candidates);
            count += slice.Candidates.Length;
        }

        _parts.Sort(static (left, right) => Candidate.Compare(in left[0], in right[0]));
        if (count > _from.Length)
            (_from, _to) = (new Candidate[2 * count], new Candidate[2 * count]);
        var end = 0;
        foreach (var part in _parts)
        {
            if (end > 0 && Candidate.Compare(in _from[end - 1], in part[0]) <= 0)
                _ends.RemoveAt(_ends.Count - 1);
            part.CopyTo(_from, end);
            end += part.Length;
            _ends.Add(end);
        }

        return count;
    }

    private void MergePairs()
    {
        var start = 0;
        for (var i = 0; i < _ends.Count; i += 2)
        {
            var middle = _ends[i];
            var end = i + 1 < _ends.Count ? _ends[i + 1] : middle;
            Merge(_from.AsSpan(start..middle), _from.AsSpan(middle..end), _to.AsSpan(start..end));
            _ends[i / 2] = end;
            start = end;
        }

        _ends.RemoveRange((_ends.Count + 1) / 2, _ends.Count / 2);
        (_from, _to) = (_to, _from);
    }

    private static void Merge(ReadOnlySpan<Candidate> left, ReadOnlySpan<Candidate> right, Span<Candidate> merged)
    {
        var (i, j) = (0, 0);
        while (i < left.Length && j < right.Length)
            merged[i + j] = Candidate.Compare(left[i], right[j]) <= 0 ? left[i++] : right[j++];
        left[i..].CopyTo(merged[(i + j)..]);
        right[j..].CopyTo(merged[(left.Length + j)..]);
    }
}
