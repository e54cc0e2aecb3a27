namespace Datapath.Hosting;

/// <summary>What a node writes into the status of redirect policies.</summary>
public enum KubernetesStatusWrites
{
    /// <summary>What became of each policy on the node.</summary>
    All,

    /// <summary>The same, but only while the policy is not wholly in force there. For clusters of many nodes: each write goes to all of them.</summary>
    Problems,

    /// <summary>Nothing.</summary>
    None,
}
