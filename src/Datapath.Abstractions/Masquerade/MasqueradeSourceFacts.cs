namespace Datapath;

/// <summary>What is known of where a packet comes from. A prefix inside others has their facts too.</summary>
[Flags]
public enum MasqueradeSourceFacts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>In a range that the configuration names as a source.</summary>
    Listed = 1,

    /// <summary>In the pod network of this node.</summary>
    PodNetwork = 2,

    /// <summary>The address of a pod of this node.</summary>
    Pod = 4,

    /// <summary>Known by no address; came in by an interface that the configuration names as a source.</summary>
    Interface = 8,

    /// <summary>Forwarded, and nothing else is known.</summary>
    Forwarded = 16,

    /// <summary>The host's own: an address of the node, or a packet of the host itself whose source nothing else is known of.</summary>
    Host = 32,

    /// <summary>A pod of this node that is to keep its address, by its own or its namespace's word.</summary>
    OptedOut = 64,
}
