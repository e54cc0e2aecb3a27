namespace Datapath.Policy;

/// <summary>The few candidates that the slices of a service have lost, and those that they have won. Made once and used again: not thread-safe.</summary>
internal sealed class CandidateDifference
{
    /// <summary>Those lost, in order.</summary>
    public List<Candidate> Left { get; } = [];

    /// <summary>Those won, in order.</summary>
    public List<Candidate> Came { get; } = [];

    /// <summary>Compares candidates before with those after; both are in order.</summary>
    /// <param name="before">The candidates before.</param>
    /// <param name="after">The candidates after.</param>
    /// <param name="most">How many may differ.</param>
    /// <returns>Whether no more do.</returns>
    public bool TryCompare(ReadOnlySpan<Candidate> before, ReadOnlySpan<Candidate> after, int most)
    {
        Left.Clear();
        Came.Clear();
        var (i, j) = (0, 0);
        while (i < before.Length || j < after.Length)
        {
            var order = i == before.Length ? 1 : j == after.Length ? -1 : Candidate.Compare(in before[i], in after[j]);
            if (order < 0)
                Left.Add(before[i]);
            else if (order > 0)
                Came.Add(after[j]);
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
            if (Left.Count + Came.Count > most)
                return false;
        }

        return true;
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
        var first = ~candidates.AsSpan().BinarySearch(new FirstOf(address));
        var end = first;
        while (end < candidates.Length && candidates[end].Backend.Address == address)
            end++;
        return end - first;
    }

    // Before the first of the address: equal to none.
    private readonly struct FirstOf(L4Address address) : IComparable<Candidate>
    {
        public int CompareTo(Candidate other) => other.Backend.Address < address ? 1 : -1;
    }
}
