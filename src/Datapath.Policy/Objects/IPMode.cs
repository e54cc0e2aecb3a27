namespace Datapath.Policy;

/// <summary>How a load balancer delivers what it takes on an address.</summary>
public enum IPMode
{
    /// <summary>With the address as destination, so that nodes have to know the address.</summary>
    Vip,

    /// <summary>With the address of a node or a pod as destination, so that nodes must leave the address alone.</summary>
    Proxy,
}
