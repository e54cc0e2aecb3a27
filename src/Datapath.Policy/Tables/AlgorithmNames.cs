namespace Datapath.Policy.Tables;

/// <summary>The names of algorithms in tables.</summary>
internal static class AlgorithmNames
{
    public static string? Of(LoadBalancingAlgorithm? algorithm) => algorithm switch
    {
        LoadBalancingAlgorithm.Random => "random",
        LoadBalancingAlgorithm.Maglev => "maglev",
        _ => null,
    };
}
