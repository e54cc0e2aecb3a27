namespace Datapath.Policy;

/// <summary>A point at which a load balancer takes traffic for a <see cref="Service"/>.</summary>
public sealed record LoadBalancerIngress
{
    /// <summary>Its address. Default: none, it has only <see cref="Hostname"/>.</summary>
    public string? IP { get; init; }

    /// <summary>Its DNS name, which is nothing for the datapath to do. Default: none.</summary>
    public string? Hostname { get; init; }

    /// <summary>How traffic for <see cref="IP"/> arrives at nodes. Default: <see cref="IPMode.Vip"/>.</summary>
    public IPMode IPMode { get; init; }
}
