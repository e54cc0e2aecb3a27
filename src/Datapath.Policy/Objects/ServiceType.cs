namespace Datapath.Policy;

/// <summary>How a service is exposed.</summary>
public enum ServiceType
{
    /// <summary>On a virtual address inside the cluster.</summary>
    ClusterIP,

    /// <summary>Also on a port of every node.</summary>
    NodePort,

    /// <summary>Also on addresses of a load balancer, and on a port of every node unless it says otherwise.</summary>
    LoadBalancer,

    /// <summary>A DNS alias: nothing for the datapath to do.</summary>
    ExternalName,
}
