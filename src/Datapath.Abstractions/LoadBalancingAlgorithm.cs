namespace Datapath;

/// <summary>How a backend is chosen for a new connection.</summary>
public enum LoadBalancingAlgorithm : byte
{
    /// <summary>At random, by weight.</summary>
    Random,

    /// <summary>By a Maglev table: every node chooses the same backend for a connection.</summary>
    Maglev,
}
