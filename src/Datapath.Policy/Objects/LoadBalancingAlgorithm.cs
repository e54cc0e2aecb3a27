namespace Datapath.Policy;

/// <summary>How a backend is chosen for a connection.</summary>
public enum LoadBalancingAlgorithm
{
    /// <summary>At random.</summary>
    Random,

    /// <summary>By a table that is the same on all nodes, so that a connection may change the node.</summary>
    Maglev,
}
