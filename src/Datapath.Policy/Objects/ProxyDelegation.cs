namespace Datapath.Policy;

/// <summary>Whether the traffic of a service is left to a proxy on the node.</summary>
public enum ProxyDelegation
{
    /// <summary>No.</summary>
    None,

    /// <summary>If the chosen backend is on the node: the packet is passed on as it is.</summary>
    DelegateIfLocal,
}
