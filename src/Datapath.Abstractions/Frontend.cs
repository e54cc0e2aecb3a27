using System.Collections.Immutable;
using System.Net;

namespace Datapath;

/// <summary>An address that clients dial, and the backends behind it.</summary>
public sealed record Frontend
{
    /// <summary>What clients dial. The unspecified address of a <see cref="FrontendType.NodePort"/> stands for every address of the node.</summary>
    public required L4Address Address { get; init; }

    /// <summary>
    /// Further addresses that it is served at: for a port on the unspecified address one for each address of the node that offers node
    /// ports and on which the port is not taken otherwise. In order. Default: none.
    /// </summary>
    public ImmutableArray<L4Address> NodeAddresses { get; init; } = [];

    /// <summary>
    /// Addresses of the cluster's other nodes, of a <see cref="FrontendType.NodePort"/> on the unspecified address: they would serve the port too, so a dial
    /// from this node is served here, without a second hop. What comes from outside is not sent to them. In order. Default: none.
    /// </summary>
    public ImmutableArray<L4Address> OtherNodeAddresses { get; init; } = [];

    /// <summary>Why the frontend exists. Default: <see cref="FrontendType.ClusterIP"/>.</summary>
    public FrontendType Type { get; init; }

    /// <summary>Whose dials it is for. Default: <see cref="FrontendScope.External"/>.</summary>
    public FrontendScope Scope { get; init; }

    /// <summary>
    /// What else the datapath has to know. Without <see cref="FrontendFlags.Routable"/> on the unspecified address the frontend is
    /// routable at its <see cref="NodeAddresses"/> all the same. Default: none.
    /// </summary>
    public FrontendFlags Flags { get; init; }

    /// <summary>The name of the service port, empty if it has none.</summary>
    public string PortName { get; init; } = "";

    /// <summary>How backends are chosen, if the service says so itself. Default: <see langword="null"/>, as the node is configured.</summary>
    public LoadBalancingAlgorithm? Algorithm { get; init; }

    /// <summary>Whether backends are chosen by a Maglev table, after the service and the node's configuration. Default: no.</summary>
    public bool UsesMaglev { get; init; }

    /// <summary>How long a client stays with its backend, in seconds; 0 (the default) if it does not.</summary>
    public int AffinitySeconds { get; init; }

    /// <summary>
    /// The addresses of clients that are served or refused, of the frontend's family; looked at with
    /// <see cref="FrontendFlags.CheckSourceRange"/>. Default: none.
    /// </summary>
    public ImmutableArray<IPNetwork> SourceRanges { get; init; } = [];

    /// <summary>Whether ports of this IP address that no frontend has are refused rather than sent out. Default: no.</summary>
    public bool GuardsAddress { get; init; }

    /// <summary>
    /// Whether the address of an external IP, a load balancer or a host port is one of this node's own. A frontend of type
    /// <see cref="FrontendType.ExternalIPs"/> is served to dials from this node only if it is, and otherwise such a dial is left as it is,
    /// or whoever may write a service could take any address of the world away from the programs of the node (CVE-2020-8554). Where the
    /// node is configured to serve external IPs anywhere, it is <see langword="true"/> for all of them. Other types are served either way.
    /// Default: no.
    /// </summary>
    public bool IsAtNode { get; init; }

    /// <summary>
    /// All known backends, without repetition: usable ones first (see <see cref="UsableCount"/>), then healthy ones, then by state, address
    /// and port. They stay here while the frontend is redirected.
    /// </summary>
    public ImmutableArray<Backend> Backends { get; init; } = [];

    /// <summary>
    /// How many of <see cref="Backends"/>, from the first, take new connections: the active ones or, if there is none, the
    /// terminating ones that still serve (Kubernetes KEP-1669). 0 means that a dial is refused, unless the frontend is of type
    /// <see cref="FrontendType.LocalRedirect"/>: then it goes to the address itself.
    /// </summary>
    public int UsableCount { get; init; }

    /// <summary>
    /// Which TCP connections are ended when the frontend no longer leads to their backend. Default: <see langword="null"/>, as the engine is configured.
    /// </summary>
    public StaleTcpPolicy? StaleTcp { get; init; }

    /// <summary>The policies that redirect it, in the order of precedence: the first that is for a client counts. Default: none.</summary>
    public ImmutableArray<Redirect> Redirects { get; init; } = [];

    /// <summary>The backends that take new connections.</summary>
    public ReadOnlySpan<Backend> Usable => Backends.AsSpan(0, UsableCount);

    /// <summary>Equal in all parts, lists in the same order.</summary>
    /// <param name="other">The frontend to compare with.</param>
    public bool Equals(Frontend? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Address == other.Address && SameKind(other) && SameOptions(other) && UsableCount == other.UsableCount
            && NodeAddresses.AsSpan().SequenceEqual(other.NodeAddresses.AsSpan())
            && OtherNodeAddresses.AsSpan().SequenceEqual(other.OtherNodeAddresses.AsSpan())
            && Backends.AsSpan().SequenceEqual(other.Backends.AsSpan())
            && Redirects.AsSpan().SequenceEqual(other.Redirects.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, Type, Scope, UsableCount, Backends.Length);

    private bool SameKind(Frontend other) =>
        Type == other.Type && Scope == other.Scope && Flags == other.Flags && PortName == other.PortName;

    private bool SameOptions(Frontend other) =>
        Algorithm == other.Algorithm && UsesMaglev == other.UsesMaglev && AffinitySeconds == other.AffinitySeconds
        && GuardsAddress == other.GuardsAddress && IsAtNode == other.IsAtNode && StaleTcp == other.StaleTcp
        && SourceRanges.AsSpan().SequenceEqual(other.SourceRanges.AsSpan());

    /// <summary>One line: address, type and the backends that take new connections, for example <c>10.96.0.1:80/TCP ClusterIP -> 10.244.0.2:8080/TCP</c>.</summary>
    public override string ToString()
    {
        var backends = UsableCount == 0 ? "(no backend)" : string.Join(' ', Backends.Take(UsableCount).Select(static backend => backend.Address.ToString()));
        return $"{Address} {Type} -> {backends}{(Redirects.IsEmpty ? "" : $", redirected by {string.Join(", ", Redirects.Select(static redirect => redirect.Policy))}")}";
    }
}
