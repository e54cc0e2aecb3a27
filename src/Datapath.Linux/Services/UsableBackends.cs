namespace Datapath.Linux.Services;

/// <summary>What the slots of a frontend have to know of its backends.</summary>
internal static class UsableBackends
{
    public static int[] WeightsOf(ReadOnlySpan<Backend> usable)
    {
        var weights = new int[usable.Length];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = usable[i].Weight;
        return weights;
    }
}
