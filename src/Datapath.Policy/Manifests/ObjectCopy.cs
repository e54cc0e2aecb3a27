namespace Datapath.Policy;

/// <summary>One occurrence of an object in a file.</summary>
/// <param name="Object">The object.</param>
/// <param name="Path">The file.</param>
/// <param name="Line">The line that it starts on, when it was read.</param>
/// <param name="Place">Its place among the objects of the file.</param>
/// <param name="IsKept">Whether it is from an earlier, good state of the file and not validly in it now.</param>
internal sealed record ObjectCopy(KubernetesObject Object, string Path, int Line, int Place, bool IsKept)
{
    /// <summary>The copy that counts comes first. One that is in a file now beats one that is only kept.</summary>
    public static int Compare(ObjectCopy left, ObjectCopy right)
    {
        var byKept = left.IsKept.CompareTo(right.IsKept);
        if (byKept != 0)
            return byKept;
        var byPath = string.CompareOrdinal(left.Path, right.Path);
        return byPath != 0 ? byPath : left.Place.CompareTo(right.Place);
    }
}
