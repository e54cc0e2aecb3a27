using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>The <c>status</c> of a <see cref="Service"/>.</summary>
public sealed record ServiceStatus
{
    /// <summary>A status that tells nothing.</summary>
    public static ServiceStatus Empty { get; } = new();

    /// <summary><c>loadBalancer.ingress</c>: where the load balancer takes traffic. Default: nowhere.</summary>
    public ImmutableArray<LoadBalancerIngress> LoadBalancerIngress { get; init; } = [];

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The status to compare with.</param>
    public bool Equals(ServiceStatus? other) =>
        ReferenceEquals(this, other) || (other is not null && ValueEquality.Same(LoadBalancerIngress, other.LoadBalancerIngress));

    /// <inheritdoc/>
    public override int GetHashCode() => LoadBalancerIngress.AsSpan().Length;
}
