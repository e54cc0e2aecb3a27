namespace Datapath.Policy;

/// <summary>
/// Walks over sorted candidates in groups of one address: an address that several slices, or several ports of one, give is one backend.
/// </summary>
internal ref struct CandidateGroups(ReadOnlySpan<Candidate> candidates)
{
    private ReadOnlySpan<Candidate> _rest = candidates;

    /// <summary>The next group; its first candidate decides state and node of the backend.</summary>
    public bool TryNext(out ReadOnlySpan<Candidate> same)
    {
        same = default;
        if (_rest.IsEmpty)
            return false;
        var address = _rest[0].Backend.Address;
        var count = 1;
        while (count < _rest.Length && _rest[count].Backend.Address == address)
            count++;
        same = _rest[..count];
        _rest = _rest[count..];
        return true;
    }
}
