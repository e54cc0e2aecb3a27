using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>
/// Something that a <see cref="ClusterLocalRedirectPolicy"/> redirects: either addresses with ports, or a service with or without.
/// </summary>
public sealed record ClusterRedirectFrontend
{
    /// <summary>
    /// Addresses and ranges in CIDR form, of either family, for example <c>169.254.169.254</c> and <c>fd00:ec2::/32</c>. Default: none.
    /// </summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary>A service, whose cluster addresses are redirected. Default: none.</summary>
    public ServiceReference? Service { get; init; }

    /// <summary>
    /// The ports, at least one for <see cref="Addresses"/>. Default: empty, which means all ports of <see cref="Service"/>; each
    /// of them leads to the backend port of its own name or, if there is none, to the only one of its protocol.
    /// </summary>
    public ImmutableArray<ClusterFrontendPort> Ports { get; init; } = [];

    /// <summary>Equal in all fields.</summary>
    /// <param name="other">The frontend to compare with.</param>
    public bool Equals(ClusterRedirectFrontend? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Service == other.Service && ValueEquality.Same(Addresses, other.Addresses)
            && ValueEquality.Same(Ports, other.Ports));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Service, Addresses.AsSpan().Length, Ports.AsSpan().Length);
}
