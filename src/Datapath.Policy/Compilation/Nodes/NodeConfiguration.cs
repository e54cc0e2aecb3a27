using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy;

/// <summary>The machine that is compiled for, and which features are on.</summary>
/// <remarks>What a <see cref="Policy.Node"/> object of this name says of labels and zone counts where it is not given here.</remarks>
public sealed record NodeConfiguration
{
    /// <summary>The node port range of Kubernetes, 30000 to 32767.</summary>
    public static PortRange DefaultNodePortRange { get; } = new(30000, 32767);

    /// <summary>The default of <see cref="MaglevTableSize"/>.</summary>
    public const int DefaultMaglevTableSize = 16381;

    /// <summary>
    /// The name of the node, as in <c>nodeName</c> of endpoints. Default: empty, and then only endpoints without a node count as local.
    /// </summary>
    public string Name { get; init; } = "";

    /// <summary>The labels of the node, for services that choose nodes. Default: none, or those of the node object.</summary>
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The zone of the node. Default: <see langword="null"/>, the label <c>topology.kubernetes.io/zone</c>.</summary>
    public string? Zone { get; init; }

    /// <summary>The addresses on the node's devices. Default: none, and then node ports are served at the unspecified address alone.</summary>
    public ImmutableArray<LocalAddress> Addresses { get; init; } = [];

    /// <summary>Whether IPv4 frontends and backends are compiled. Default: yes.</summary>
    public bool EnableIPv4 { get; init; } = true;

    /// <summary>Whether IPv6 frontends and backends are compiled. Default: yes.</summary>
    public bool EnableIPv6 { get; init; } = true;

    /// <summary>Whether node ports and host ports are served, as kube-proxy would. Default: yes.</summary>
    public bool KubeProxyReplacement { get; init; } = true;

    /// <summary>Whether external IPs of services are served. Default: yes.</summary>
    public bool EnableExternalIPs { get; init; } = true;

    /// <summary>
    /// Whether programs of this node are served at external IPs that are none of <see cref="Addresses"/>, too: then
    /// <see cref="Frontend.IsAtNode"/> says yes of all of them. Whoever may write a service can then take the dials of the node's programs
    /// to any address (CVE-2020-8554). Default: no, they are left as they are.
    /// </summary>
    public bool ExternalIPsAnywhere { get; init; }

    /// <summary>Whether redirect policies are compiled; otherwise they are <see cref="ObjectCondition.Skipped"/>. Default: yes.</summary>
    public bool EnableLocalRedirect { get; init; } = true;

    /// <summary>The ranges that the address of a namespaced redirect policy must be in. Default: none, all are allowed.</summary>
    public ImmutableArray<IPNetwork> AddressMatcherCidrs { get; init; } = [];

    /// <summary>How backends are chosen. Default: at random.</summary>
    public LoadBalancingAlgorithm Algorithm { get; init; }

    /// <summary>Whether services may choose another algorithm by annotation. Default: no.</summary>
    public bool AllowAlgorithmAnnotation { get; init; }

    /// <summary>How replies find back. Default: through the dialled node.</summary>
    public ForwardingDefault Forwarding { get; init; }

    /// <summary>Whether services may choose otherwise by annotation. Default: no.</summary>
    public bool AllowForwardingAnnotation { get; init; }

    /// <summary>Whether cluster addresses are served to clients outside the node too. Default: no.</summary>
    public bool ExternalClusterIP { get; init; }

    /// <summary>Whether source ranges are checked at all frontends, not only load balancers' and external IPs. Default: no.</summary>
    public bool SourceRangeAllTypes { get; init; }

    /// <summary>Whether zone hints and traffic distribution are followed. Default: no.</summary>
    public bool ServiceTopology { get; init; }

    /// <summary>Whether unknown ports of service addresses are refused (<see cref="Frontend.GuardsAddress"/>). Default: yes.</summary>
    public bool WildcardEntries { get; init; } = true;

    /// <summary>Whether services without a load balancer class are this product's. Default: yes.</summary>
    public bool DefaultLoadBalancerClass { get; init; } = true;

    /// <summary>The ports that the cluster gives to node ports. Default: <see cref="DefaultNodePortRange"/>.</summary>
    public PortRange NodePortRange { get; init; } = DefaultNodePortRange;

    /// <summary>The cells of a Maglev table, a prime. Default: 16381.</summary>
    public int MaglevTableSize { get; init; } = DefaultMaglevTableSize;

    /// <summary>
    /// The annotation that says that a service's backends are health-checked: its active backends count once a result is there. Default:
    /// <see langword="null"/>, there are no health checks.
    /// </summary>
    public string? HealthCheckAnnotation { get; init; }

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The configuration to compare with.</param>
    public bool Equals(NodeConfiguration? other) =>
        ReferenceEquals(this, other) || (other is not null && SameNode(other) && SameSwitches(other) && SameBalancing(other));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Zone, Addresses.AsSpan().Length);

    private bool SameNode(NodeConfiguration other) =>
        Name == other.Name && Zone == other.Zone && ValueEquality.Same(Labels, other.Labels)
        && ValueEquality.Same(Addresses, other.Addresses) && NodePortRange == other.NodePortRange;

    private bool SameSwitches(NodeConfiguration other) =>
        EnableIPv4 == other.EnableIPv4 && EnableIPv6 == other.EnableIPv6 && KubeProxyReplacement == other.KubeProxyReplacement
        && EnableExternalIPs == other.EnableExternalIPs && ExternalIPsAnywhere == other.ExternalIPsAnywhere
        && EnableLocalRedirect == other.EnableLocalRedirect
        && ExternalClusterIP == other.ExternalClusterIP && SourceRangeAllTypes == other.SourceRangeAllTypes
        && ServiceTopology == other.ServiceTopology && WildcardEntries == other.WildcardEntries
        && DefaultLoadBalancerClass == other.DefaultLoadBalancerClass
        && ValueEquality.Same(AddressMatcherCidrs, other.AddressMatcherCidrs);

    private bool SameBalancing(NodeConfiguration other) =>
        Algorithm == other.Algorithm && AllowAlgorithmAnnotation == other.AllowAlgorithmAnnotation && Forwarding == other.Forwarding
        && AllowForwardingAnnotation == other.AllowForwardingAnnotation && MaglevTableSize == other.MaglevTableSize
        && HealthCheckAnnotation == other.HealthCheckAnnotation;
}
