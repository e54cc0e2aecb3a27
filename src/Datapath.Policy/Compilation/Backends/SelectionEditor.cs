using System.Runtime.InteropServices;

namespace Datapath.Policy;

/// <summary>Takes a few backends out of selections and puts others in, by one copy of each. Holds scratch lists: not thread-safe.</summary>
internal sealed class SelectionEditor
{
    private readonly List<Backend> _backends = [];

    /// <summary>What is taken out, and what is put in where it fits.</summary>
    public CandidateDifference Difference { get; } = new();

    /// <summary>Makes the selection of a frontend what it is with the difference.</summary>
    /// <param name="selection">The selection.</param>
    /// <param name="key">What decides which candidates fit; each is judged for itself.</param>
    /// <param name="node">The node's name.</param>
    /// <returns>Whether all that is to be taken out was there. If not, nothing was changed.</returns>
    public bool TryEdit(ref Selection selection, BackendKey key, string node)
    {
        _backends.Clear();
        _backends.AddRange(selection.Backends.AsSpan());
        var isChanged = false;
        foreach (var candidate in Difference.Left)
        {
            if (key.Judge([candidate], node) is not BackendFit.Fits)
                continue;
            var place = BackendOrder.PlaceOf(CollectionsMarshal.AsSpan(_backends), candidate.Backend);
            if (place == _backends.Count || !_backends[place].Equals(candidate.Backend))
                return false;
            _backends.RemoveAt(place);
            isChanged = true;
        }

        foreach (var candidate in Difference.Came)
        {
            if (key.Judge([candidate], node) is not BackendFit.Fits)
                continue;
            _backends.Insert(BackendOrder.PlaceOf(CollectionsMarshal.AsSpan(_backends), candidate.Backend), candidate.Backend);
            isChanged = true;
        }

        if (isChanged)
            selection = Selection.OfOrdered(ImmutableCollectionsMarshal.AsImmutableArray(_backends.ToArray()));
        _backends.Clear();
        return true;
    }
}
