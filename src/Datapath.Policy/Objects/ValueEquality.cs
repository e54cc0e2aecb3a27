using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>Equality by content for the collections inside records, whose own equality is by reference.</summary>
internal static class ValueEquality
{
    public static bool Same<T>(ImmutableArray<T> left, ImmutableArray<T> right) => left.AsSpan().SequenceEqual(right.AsSpan());

    public static bool Same(ImmutableDictionary<string, string> left, ImmutableDictionary<string, string> right)
    {
        if (ReferenceEquals(left, right))
            return true;
        if (left.Count != right.Count)
            return false;
        foreach (var (key, value) in left)
        {
            if (!right.TryGetValue(key, out var other) || other != value)
                return false;
        }

        return true;
    }
}
