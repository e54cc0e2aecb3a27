namespace Datapath.Policy;

/// <summary>What becomes of packets of pods and other sources to other nodes of the cluster.</summary>
public enum RemoteNodeMode
{
    /// <summary>They keep their addresses: nodes see who talks to them.</summary>
    Keep,

    /// <summary>They are masqueraded, for networks between nodes that carry node addresses only.</summary>
    Masquerade,
}
