namespace Datapath.Policy;

/// <summary>How a service is exposed.</summary>
public enum ServiceType
{
    /// <summary>On a virtual address inside the cluster.</summary>
    ClusterIP,

    /// <summary>Also on a port of every node. Its cluster addresses are compiled; the node port is not yet.</summary>
    NodePort,

    /// <summary>Also on addresses of a load balancer. Its cluster addresses are compiled; the others are not yet.</summary>
    LoadBalancer,

    /// <summary>A DNS alias: nothing for the datapath to do.</summary>
    ExternalName,
}
