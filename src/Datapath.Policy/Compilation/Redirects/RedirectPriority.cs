namespace Datapath.Policy;

/// <summary>
/// Which of several policies for one destination comes first: the one with the highest priority (a namespaced one has 0), clusterwide
/// before namespaced, then the older (no creation time = newest), then the first by name.
/// </summary>
internal readonly record struct RedirectPriority(int Priority, bool IsNamespaced, DateTimeOffset Created, ServiceName Name)
    : IComparable<RedirectPriority>
{
    public int CompareTo(RedirectPriority other)
    {
        if (Priority != other.Priority)
            return other.Priority.CompareTo(Priority);
        if (IsNamespaced != other.IsNamespaced)
            return IsNamespaced.CompareTo(other.IsNamespaced);
        var byAge = Created.CompareTo(other.Created);
        return byAge != 0 ? byAge : Name.CompareTo(other.Name);
    }
}
