using System.Collections.Immutable;

namespace Datapath.Linux.Services;

/// <summary>
/// The backends that a frontend is to have, beside those that were written for it last: what is the same object at the same end of both lists needs no
/// look, so that of one backend among many there is little more to do than to compare references.
/// </summary>
internal readonly record struct BackendList
{
    private BackendList(ImmutableArray<Backend> all, int head, int tail, in WrittenBackends before)
    {
        (All, Head, Tail) = (all, head, tail);
        var keeps = head + tail > 0;

        // The last of the head and the first of the tail are looked at again: what is new lies between them, or they lie side by side now.
        IsInOrder = AreInOrder(keeps && before.IsInOrder ? Span[Math.Max(head - 1, 0)..^Math.Max(tail - 1, 0)] : Span);
        Weight = keeps && before.Weight > 0 ? CommonWeight(New, before.Weight) : Span.IsEmpty ? 0 : CommonWeight(Span, Span[0].Weight);
    }

    /// <summary>The backends.</summary>
    public ImmutableArray<Backend> All { get; }

    /// <summary>How many at the beginning are those that were written.</summary>
    public int Head { get; }

    /// <summary>How many at the end are those that were written.</summary>
    public int Tail { get; }

    /// <summary>Whether the addresses ascend, and so none is there twice.</summary>
    public bool IsInOrder { get; }

    /// <summary>What each weighs; 0 if they differ, or there is none.</summary>
    public int Weight { get; }

    public ReadOnlySpan<Backend> Span => All.AsSpan();

    /// <summary>Those between head and tail.</summary>
    public ReadOnlySpan<Backend> New => Span[Head..^Tail];

    /// <summary>The parts that they are to have.</summary>
    public BackendShares Shares => Weight > 0 ? BackendShares.Alike(All.Length) : BackendShares.Of(WeightsOf(Span));

    /// <summary>A list of which nothing was written.</summary>
    public static BackendList Of(ImmutableArray<Backend> all) => new(all, 0, 0, in WrittenBackends.None);

    /// <summary>A list that replaces another one.</summary>
    /// <param name="before">What was written.</param>
    /// <param name="all">The backends.</param>
    public static BackendList After(in WrittenBackends before, ImmutableArray<Backend> all)
    {
        var old = before.Span;
        var now = all.AsSpan();
        var most = Math.Min(old.Length, now.Length);
        var head = 0;
        while (head < most && ReferenceEquals(old[head], now[head]))
            head++;
        var tail = 0;
        while (tail < most - head && ReferenceEquals(old[old.Length - 1 - tail], now[now.Length - 1 - tail]))
            tail++;
        return new(all, head, tail, in before);
    }

    private static bool AreInOrder(ReadOnlySpan<Backend> backends)
    {
        for (var i = 1; i < backends.Length; i++)
        {
            if (backends[i - 1].Address.CompareTo(backends[i].Address) >= 0)
                return false;
        }

        return true;
    }

    private static int CommonWeight(ReadOnlySpan<Backend> backends, int weight)
    {
        foreach (var backend in backends)
        {
            if (backend.Weight != weight)
                return 0;
        }

        return weight;
    }

    private static int[] WeightsOf(ReadOnlySpan<Backend> backends)
    {
        var weights = new int[backends.Length];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = backends[i].Weight;
        return weights;
    }
}
