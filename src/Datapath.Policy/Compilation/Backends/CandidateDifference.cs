namespace Datapath.Policy;

/// <summary>The few candidates that slices have lost, and those that they have won.</summary>
internal sealed class CandidateDifference
{
    /// <summary>Those lost.</summary>
    public List<Candidate> Left { get; } = [];

    /// <summary>Those won.</summary>
    public List<Candidate> Came { get; } = [];

    /// <summary>Compares candidates before with those after; both are in order.</summary>
    /// <returns><see langword="null"/>: there are more than <paramref name="most"/>.</returns>
    public static CandidateDifference? Between(ReadOnlySpan<Candidate> before, ReadOnlySpan<Candidate> after, int most)
    {
        var difference = new CandidateDifference();
        var (i, j) = (0, 0);
        while (i < before.Length || j < after.Length)
        {
            var order = i == before.Length ? 1 : j == after.Length ? -1 : Candidate.Compare(in before[i], in after[j]);
            if (order < 0)
                difference.Left.Add(before[i]);
            else if (order > 0)
                difference.Came.Add(after[j]);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
            if (difference.Left.Count + difference.Came.Count > most)
                return null;
        }

        return difference;
    }

    /// <summary>
    /// Whether none that is there has an address with one that came or left, but itself: several together are one backend, and which of them decides about it
    /// takes a look at all. Whether several left together shows when the backend is taken out.
    /// </summary>
    /// <param name="slices">All slices there are now.</param>
    public bool AreAlone(List<SliceEntry> slices)
    {
        foreach (var candidate in Left)
        {
            if (CountIn(slices, candidate) > CountOf(candidate, Came))
                return false;
        }

        foreach (var candidate in Came)
        {
            if (CountIn(slices, candidate) > 1)
                return false;
        }

        return true;
    }

    private static int CountOf(Candidate candidate, List<Candidate> others)
    {
        var count = 0;
        foreach (var other in others)
            count += other.Backend.Address == candidate.Backend.Address ? 1 : 0;
        return count;
    }

    private static int CountIn(List<SliceEntry> slices, Candidate candidate)
    {
        var count = 0;
        foreach (var slice in slices)
            count += CountIn(slice.Candidates, candidate.Backend.Address);
        return count;
    }

    private static int CountIn(Candidate[] candidates, L4Address address)
    {
        var (low, high) = (0, candidates.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = candidates[middle].Backend.Address < address ? (middle + 1, high) : (low, middle);
        }

        var first = low;
        while (low < candidates.Length && candidates[low].Backend.Address == address)
            low++;
        return low - first;
    }
}
