using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The <c>spec</c> of a <see cref="Service"/>.</summary>
public sealed record ServiceSpec
{
    /// <summary>The value of <see cref="ClusterIP"/> that makes a service headless.</summary>
    public const string NoClusterIP = "None";

    /// <summary>The seconds of session affinity of a service that does not say.</summary>
    public const int DefaultSessionAffinityTimeout = 10800;

    /// <summary>How the service is exposed. Default: <see cref="ServiceType.ClusterIP"/>.</summary>
    public ServiceType Type { get; init; }

    /// <summary>The virtual address, or <see cref="NoClusterIP"/> for a headless service. Default: none assigned.</summary>
    public string? ClusterIP { get; init; }

    /// <summary>
    /// The virtual addresses, at most one a family; the first equals <see cref="ClusterIP"/>. Default: empty, then
    /// <see cref="ClusterIP"/> alone counts.
    /// </summary>
    public ImmutableArray<string> ClusterIPs { get; init; } = [];

    /// <summary>The families of <see cref="ClusterIPs"/>, in their order. Default: empty, then the addresses tell.</summary>
    public ImmutableArray<IPFamily> IPFamilies { get; init; } = [];

    /// <summary>The ports. Needed unless the service is headless or of type <see cref="ServiceType.ExternalName"/>.</summary>
    public ImmutableArray<ServicePort> Ports { get; init; } = [];

    /// <summary>Which endpoints serve traffic from inside the cluster. Default: <see cref="TrafficPolicy.Cluster"/>.</summary>
    public TrafficPolicy InternalTrafficPolicy { get; init; }

    /// <summary>
    /// Which endpoints serve traffic from outside the cluster. Default: <see cref="TrafficPolicy.Cluster"/>.
    /// </summary>
    public TrafficPolicy ExternalTrafficPolicy { get; init; }

    /// <summary>Addresses that lead to a node from outside the cluster; the service is on them too. Default: none.</summary>
    public ImmutableArray<string> ExternalIPs { get; init; } = [];

    /// <summary>
    /// The ranges of clients outside the cluster that are let in, in CIDR form. Default: empty, everybody is. What is refused and what
    /// let in is turned round by <see cref="ServiceAnnotations.SourceRangesPolicy"/>.
    /// </summary>
    public ImmutableArray<string> LoadBalancerSourceRanges { get; init; } = [];

    /// <summary>Whose task the load balancer is, for example <c>io.cilium/l2-announcer</c>. Default: the default one's.</summary>
    public string? LoadBalancerClass { get; init; }

    /// <summary>
    /// The port on which nodes tell a load balancer whether they have local endpoints, 1 to 65535. Default: 0, none.
    /// </summary>
    public int HealthCheckNodePort { get; init; }

    /// <summary>Whether a client keeps its backend. Default: <see cref="SessionAffinity.None"/>.</summary>
    public SessionAffinity SessionAffinity { get; init; }

    /// <summary>How long a client keeps its backend after its last use, 1 to 86400 seconds. Default: 10800, three hours.</summary>
    public int SessionAffinityTimeoutSeconds { get; init; } = DefaultSessionAffinityTimeout;

    /// <summary>Which endpoints are preferred. Default: <see cref="TrafficDistribution.None"/>, and then annotations tell.</summary>
    public TrafficDistribution TrafficDistribution { get; init; }

    /// <summary>
    /// Whether endpoints are published before they are ready. Default: <see langword="false"/>. Whoever writes the slices has already
    /// taken it into account.
    /// </summary>
    public bool PublishNotReadyAddresses { get; init; }

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The spec to compare with.</param>
    public bool Equals(ServiceSpec? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Type == other.Type && ClusterIP == other.ClusterIP
            && InternalTrafficPolicy == other.InternalTrafficPolicy && ValueEquality.Same(ClusterIPs, other.ClusterIPs)
            && ValueEquality.Same(IPFamilies, other.IPFamilies) && ValueEquality.Same(Ports, other.Ports)
            && SameExposure(other) && SameDistribution(other));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, ClusterIP, Ports.AsSpan().Length);

    private bool SameExposure(ServiceSpec other) =>
        ExternalTrafficPolicy == other.ExternalTrafficPolicy && LoadBalancerClass == other.LoadBalancerClass
        && HealthCheckNodePort == other.HealthCheckNodePort && ValueEquality.Same(ExternalIPs, other.ExternalIPs)
        && ValueEquality.Same(LoadBalancerSourceRanges, other.LoadBalancerSourceRanges);

    private bool SameDistribution(ServiceSpec other) =>
        SessionAffinity == other.SessionAffinity && SessionAffinityTimeoutSeconds == other.SessionAffinityTimeoutSeconds
        && TrafficDistribution == other.TrafficDistribution && PublishNotReadyAddresses == other.PublishNotReadyAddresses;
}
