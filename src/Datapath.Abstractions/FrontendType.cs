namespace Datapath;

/// <summary>Why a frontend exists. The numbers are stored in the kernel: append, never renumber.</summary>
public enum FrontendType : byte
{
    /// <summary>A virtual address inside the cluster.</summary>
    ClusterIP = 0,

    /// <summary>A port that every node offers on its own addresses.</summary>
    NodePort = 1,

    /// <summary>An address that a load balancer outside gave to a service.</summary>
    LoadBalancer = 2,

    /// <summary>An address that the author of a service names and somebody else routes to the node.</summary>
    ExternalIPs = 3,

    /// <summary>A port that a pod on this node claims on the node's addresses.</summary>
    HostPort = 4,

    /// <summary>An address that a redirect policy takes over; it belongs to no service.</summary>
    LocalRedirect = 5,
}
