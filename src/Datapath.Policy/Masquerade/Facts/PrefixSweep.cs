namespace Datapath.Policy;

/// <summary>Makes of facts about ranges, which may lie inside each other, one value for each range: what is known of all addresses in it.</summary>
internal static class PrefixSweep
{
    /// <param name="facts">The facts, in any order, more than one for a range if need be. They are sorted.</param>
    /// <param name="join">Adds to what is known of a range what is known of a part of it.</param>
    /// <returns>The ranges in order, without those of which no more is known than of the range around them.</returns>
    public static List<(IPRange Range, T Value)> Join<T>(List<PrefixFact<T>> facts, Func<T, T, T> join) where T : struct
    {
        facts.Sort(static (left, right) => left.Range.CompareTo(right.Range)); // a range comes before those inside it
        var joined = new List<(IPRange Range, T Value)>(facts.Count);
        var around = new Stack<(IPRange Range, T Value)>();
        for (var i = 0; i < facts.Count;)
        {
            var range = facts[i].Range;
            while (around.TryPeek(out var outer) && !outer.Range.Contains(range))
                around.Pop();
            var inherited = around.TryPeek(out var parent) ? parent.Value : default;
            var value = inherited;
            for (; i < facts.Count && facts[i].Range == range; i++)
                value = join(value, facts[i].Value);
            if (EqualityComparer<T>.Default.Equals(value, inherited))
                continue;
            around.Push((range, value));
            joined.Add((range, value));
        }

        return joined;
    }
}
