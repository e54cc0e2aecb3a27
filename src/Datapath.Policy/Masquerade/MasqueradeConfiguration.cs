using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy;

/// <summary>
/// Whose packets are masqueraded when they leave the node, towards which destinations, and with which addresses. The pods of the node and
/// its pod network are sources without being named; a host without pods names its own.
/// </summary>
/// <example>
/// <code>
/// var guests = new MasqueradeConfiguration { Sources = [IPNetwork.Parse("192.168.122.0/24")] };
/// </code>
/// </example>
public sealed record MasqueradeConfiguration
{
    /// <summary>Whether IPv4 is masqueraded. Default: yes.</summary>
    public bool EnableIPv4Masquerade { get; init; } = true;

    /// <summary>Whether IPv6 is masqueraded. Default: yes.</summary>
    public bool EnableIPv6Masquerade { get; init; } = true;

    /// <summary>Further sources: ranges of guests, containers, other hosts. Default: none.</summary>
    public ImmutableArray<IPNetwork> Sources { get; init; } = [];

    /// <summary>
    /// Interfaces whose packets are masqueraded if no range or pod tells more of their sources: names, or beginnings of names with <c>+</c>
    /// behind them (<c>veth+</c>). Default: none.
    /// </summary>
    public ImmutableArray<string> Interfaces { get; init; } = [];

    /// <summary>Whether all else that the node forwards is masqueraded too. Default: no.</summary>
    public bool MasqueradeForwarded { get; init; }

    /// <summary>The IPv4 destinations that see the real addresses of pods. Default: none, and then the pod network of this node, unless there is a list.</summary>
    public IPNetwork? IPv4NativeRoutingCidr { get; init; }

    /// <summary>The IPv6 destinations that see the real addresses of pods. Default: none, and then the pod network of this node, unless there is a list.</summary>
    public IPNetwork? IPv6NativeRoutingCidr { get; init; }

    /// <summary>The pod network of this node, of both families. Default: none, and then that of the node's object.</summary>
    public ImmutableArray<IPNetwork> PodCidrs { get; init; } = [];

    /// <summary>What becomes of packets to other nodes. Default: their sources keep their addresses.</summary>
    public RemoteNodeMode RemoteNodes { get; init; }

    /// <summary>
    /// The list of destinations that are not masqueraded. With one, the pod network of this node does not stand in for a native-routing range
    /// any more. Default: none.
    /// </summary>
    public NonMasqueradeList? NonMasquerade { get; init; }

    /// <summary>
    /// The destinations, of both families, that alone are masqueraded, except for those that are excluded. Default: none, and then all that are
    /// not excluded.
    /// </summary>
    public ImmutableArray<IPNetwork> MasqueradeCidrs { get; init; } = [];

    /// <summary>Where the address comes from that packets get. Default: the device by which they leave.</summary>
    public MasqueradeAddressSource AddressSource { get; init; }

    /// <summary>
    /// The addresses if they are <see cref="MasqueradeAddressSource.Fixed"/>, of both families; packets of a family without one get the primary
    /// address of the device. Default: none.
    /// </summary>
    public ImmutableArray<IPAddress> Addresses { get; init; } = [];

    /// <summary>Pods with addresses of their own, at most 255 pools: a pod belongs to the first that selects it. Default: none.</summary>
    public ImmutableArray<MasqueradePool> Pools { get; init; } = [];

    /// <summary>Equal in all fields, lists in the same order.</summary>
    /// <param name="other">The configuration to compare with.</param>
    public bool Equals(MasqueradeConfiguration? other) =>
        ReferenceEquals(this, other) || (other is not null && SameSources(other) && SameDestinations(other) && SameAddresses(other));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IPv4NativeRoutingCidr, IPv6NativeRoutingCidr, Sources.AsSpan().Length, Pools.AsSpan().Length);

    private bool SameSources(MasqueradeConfiguration other) =>
        EnableIPv4Masquerade == other.EnableIPv4Masquerade && EnableIPv6Masquerade == other.EnableIPv6Masquerade
        && MasqueradeForwarded == other.MasqueradeForwarded && ValueEquality.Same(Sources, other.Sources)
        && ValueEquality.Same(Interfaces, other.Interfaces) && ValueEquality.Same(PodCidrs, other.PodCidrs);

    private bool SameDestinations(MasqueradeConfiguration other) =>
        IPv4NativeRoutingCidr.Equals(other.IPv4NativeRoutingCidr) && IPv6NativeRoutingCidr.Equals(other.IPv6NativeRoutingCidr)
        && RemoteNodes == other.RemoteNodes && Equals(NonMasquerade, other.NonMasquerade) && ValueEquality.Same(MasqueradeCidrs, other.MasqueradeCidrs);

    private bool SameAddresses(MasqueradeConfiguration other) =>
        AddressSource == other.AddressSource && ValueEquality.Same(Addresses, other.Addresses) && ValueEquality.Same(Pools, other.Pools);
}
