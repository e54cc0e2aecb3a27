using System.Collections.Immutable;
using Datapath.Policy;

namespace Datapath.Hosting;

/// <summary>How services are balanced.</summary>
public sealed class LoadBalancerOptions
{
    /// <summary>The sizes that a Maglev table may have: primes, each about twice the one before.</summary>
    internal static readonly ImmutableArray<int> MaglevTableSizes = [251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071];

    /// <summary><c>loadBalancer:algorithm</c>: how backends are chosen, <c>random</c> (default) or <c>maglev</c>.</summary>
    public LoadBalancingAlgorithm Algorithm { get; set; }

    /// <summary><c>bpf:lbAlgorithmAnnotation</c>: whether services may choose another algorithm by annotation. Default: no.</summary>
    public bool AllowAlgorithmAnnotation { get; set; }

    /// <summary>
    /// <c>maglev:tableSize</c>: the cells of a Maglev table; 251, 509, 1021, 2039, 4093, 8191, 16381 (default), 32749, 65521 or 131071. A
    /// hundred times the backends of the largest service are enough.
    /// </summary>
    public int MaglevTableSize { get; set; } = NodeConfiguration.DefaultMaglevTableSize;

    /// <summary><c>loadBalancer:mode</c>: how replies to clients outside find back, <c>snat</c> (default), <c>dsr</c> or <c>hybrid</c>.</summary>
    public ForwardingDefault Mode { get; set; }

    /// <summary><c>bpf:lbModeAnnotation</c>: whether services may choose another mode by annotation. Default: no.</summary>
    public bool AllowModeAnnotation { get; set; }

    /// <summary><c>loadBalancer:serviceTopology</c>: whether zone hints and traffic distribution are followed. Default: no.</summary>
    public bool ServiceTopology { get; set; }

    /// <summary>
    /// <c>loadBalancer:healthCheckAnnotation</c>: the annotation whose services are health-checked; their active backends count once a result
    /// is there. Default: <see langword="null"/>, none are.
    /// </summary>
    public string? HealthCheckAnnotation { get; set; }

    /// <summary><c>bpf:lbExternalClusterIP</c>: whether cluster addresses are served to clients outside the node too. Default: no.</summary>
    public bool ExternalClusterIP { get; set; }

    /// <summary><c>bpf:lbSourceRangeAllTypes</c>: whether source ranges are checked at all frontends, not only load balancers' and external IPs. Default: no.</summary>
    public bool SourceRangeAllTypes { get; set; }

    /// <summary><c>bpf:lbWildcardEntries</c>: whether unknown ports of service addresses are refused. Default: yes.</summary>
    public bool WildcardEntries { get; set; } = true;

    /// <summary><c>defaultLBServiceIPAM</c>: where load balancer addresses of services without a class come from, <c>lbipam</c> (default), <c>nodeipam</c> or <c>none</c>.</summary>
    public LoadBalancerIpam DefaultIpam { get; set; }
}
