namespace Datapath.Linux.Masquerade;

/// <summary>Makes intervals that do not overlap, as sets of nf_tables have them, of prefixes that lie in each other.</summary>
internal static class PrefixIntervals
{
    /// <summary>The class of each value is that of the longest prefix that contains it.</summary>
    /// <param name="width">How many bits a value has: 32 or 128.</param>
    /// <param name="prefixes">The prefixes; of two that are alike the later counts.</param>
    /// <returns>The intervals, ascending. Neighbours have different classes; values in no prefix are in none of them.</returns>
    public static List<ClassInterval> Flatten(int width, IEnumerable<BitPrefix> prefixes)
    {
        var highest = LastOf(new(0, 0, 0), width);
        var result = new List<ClassInterval>();
        var around = new Stack<ClassInterval>(); // the prefixes that contain the position, the longest on top
        UInt128 position = 0;
        var isAtEnd = false;
        foreach (var prefix in prefixes.OrderBy(static prefix => prefix.First).ThenBy(static prefix => prefix.Length))
        {
            while (around.TryPeek(out var ended) && ended.Last < prefix.First)
                Leave(around.Pop());
            if (around.TryPeek(out var outer) && position < prefix.First)
                Append(result, new(position, prefix.First - 1, outer.Class));
            position = prefix.First;
            around.Push(new(prefix.First, LastOf(prefix, width), prefix.Class));
        }

        while (around.TryPop(out var ended))
            Leave(ended);
        return result;

        void Leave(ClassInterval prefix)
        {
            if (isAtEnd || position > prefix.Last)
                return;
            Append(result, new(position, prefix.Last, prefix.Class));
            if (prefix.Last == highest)
                isAtEnd = true; // there is no position behind
            else
                position = prefix.Last + 1;
        }
    }

    private static void Append(List<ClassInterval> intervals, ClassInterval next)
    {
        if (intervals.Count > 0 && intervals[^1] is var last && last.Class == next.Class && last.Last + 1 == next.First)
            intervals[^1] = last with { Last = next.Last };
        else
            intervals.Add(next);
    }

    private static UInt128 LastOf(BitPrefix prefix, int width)
    {
        var free = width - prefix.Length;
        return free == 128 ? UInt128.MaxValue : prefix.First | ((UInt128.One << free) - 1);
    }
}
