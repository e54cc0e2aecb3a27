namespace Datapath;

/// <summary>The name of a pod: <c>namespace/name</c>.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The name, unique in its namespace.</param>
public readonly record struct PodName(string Namespace, string Name) : IComparable<PodName>
{
    /// <summary>Orders by namespace, then name, by ordinal comparison.</summary>
    /// <param name="other">The name to compare with.</param>
    public int CompareTo(PodName other)
    {
        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>The form <c>namespace/name</c>.</summary>
    public override string ToString() => $"{Namespace}/{Name}";

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(PodName left, PodName right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/> or is equal.</summary>
    public static bool operator <=(PodName left, PodName right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(PodName left, PodName right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/> or is equal.</summary>
    public static bool operator >=(PodName left, PodName right) => left.CompareTo(right) >= 0;
}
