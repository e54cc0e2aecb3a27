namespace Datapath.Policy;

/// <summary>What identifies an object. Two objects of one kind in one namespace never have the same name.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Namespace">The namespace; empty for a kind that is in none.</param>
/// <param name="Name">The name.</param>
public readonly record struct ObjectKey(ObjectKind Kind, string Namespace, string Name) : IComparable<ObjectKey>
{
    /// <summary>The name under which a redirect policy is compiled, see <see cref="Redirect.Policy"/>. It means nothing for other kinds.</summary>
    public ServiceName PolicyName => new(Namespace, Name + ":local-redirect");

    /// <summary>Orders by kind, then namespace, then name, by ordinal comparison.</summary>
    /// <param name="other">The key to compare with.</param>
    public int CompareTo(ObjectKey other)
    {
        var byKind = Kind.CompareTo(other.Kind);
        if (byKind != 0)
            return byKind;
        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>The form <c>Service default/web</c>, or <c>Node node-a</c> for a kind that is in no namespace.</summary>
    public override string ToString() => Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(ObjectKey left, ObjectKey right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/> or is equal.</summary>
    public static bool operator <=(ObjectKey left, ObjectKey right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(ObjectKey left, ObjectKey right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/> or is equal.</summary>
    public static bool operator >=(ObjectKey left, ObjectKey right) => left.CompareTo(right) >= 0;
}
