namespace Datapath.Hosting;

/// <summary>Where load balancer addresses come from. It decides whose the ports are that no service has.</summary>
public enum LoadBalancerIpam
{
    /// <summary>A pool of addresses for services alone: their unknown ports are nobody's.</summary>
    Lbipam,

    /// <summary>The nodes' own addresses: their other ports are the nodes'.</summary>
    Nodeipam,

    /// <summary>Somebody else, who knows what is at the other ports.</summary>
    None,
}
