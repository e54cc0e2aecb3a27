namespace Datapath.Linux.Services;

/// <summary>The parts of a frontend's dials that its backends are to get.</summary>
internal readonly ref struct BackendShares
{
    private BackendShares(int count, ReadOnlySpan<int> weights)
    {
        Count = count;
        Weights = weights;
    }

    /// <summary>The number of backends.</summary>
    public int Count { get; }

    /// <summary>Their weights, 1 or more each; empty if all weigh the same.</summary>
    public ReadOnlySpan<int> Weights { get; }

    /// <summary>Whether some weigh more than others.</summary>
    public bool AreWeighted => !Weights.IsEmpty;

    /// <summary>The same for each of some backends.</summary>
    public static BackendShares Alike(int count) => new(count, []);

    /// <summary>In proportion to weights.</summary>
    /// <param name="weights">1 or more each.</param>
    public static BackendShares Of(ReadOnlySpan<int> weights) => new(weights.Length, weights.IsEmpty || !weights.ContainsAnyExcept(weights[0]) ? [] : weights);
}
