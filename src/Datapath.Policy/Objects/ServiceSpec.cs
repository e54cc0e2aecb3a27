using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The <c>spec</c> of a <see cref="Service"/>.</summary>
public sealed record ServiceSpec
{
    /// <summary>The value of <see cref="ClusterIP"/> that makes a service headless.</summary>
    public const string NoClusterIP = "None";

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

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The spec to compare with.</param>
    public bool Equals(ServiceSpec? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Type == other.Type && ClusterIP == other.ClusterIP
            && InternalTrafficPolicy == other.InternalTrafficPolicy && ValueEquality.Same(ClusterIPs, other.ClusterIPs)
            && ValueEquality.Same(IPFamilies, other.IPFamilies) && ValueEquality.Same(Ports, other.Ports));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, ClusterIP, Ports.AsSpan().Length);
}
