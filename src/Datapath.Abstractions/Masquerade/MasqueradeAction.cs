namespace Datapath;

/// <summary>What becomes of the source address of a packet that leaves the node.</summary>
public enum MasqueradeAction
{
    /// <summary>It stays.</summary>
    Keep,

    /// <summary>It is replaced.</summary>
    Translate,

    /// <summary>It stays, and the flow has its port reserved, so that no translated flow takes the same. If one has it already the port is replaced.</summary>
    Track,
}
