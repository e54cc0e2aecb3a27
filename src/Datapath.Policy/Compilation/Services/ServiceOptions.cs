using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy;

/// <summary>What all frontends of a service have in common.</summary>
internal readonly struct ServiceOptions
{
    private const string BgpClass = "io.cilium/bgp-control-plane";
    private const string L2Class = "io.cilium/l2-announcer";

    private readonly NodeView _node;
    private readonly FrontendFlags _flags;
    private readonly bool _isDenied;
    private readonly bool _hasTwoScopes;
    private readonly bool _isOfOurClass;
    private readonly ForwardingMode? _forwarding;
    private readonly ImmutableArray<IPNetwork> _rangesIPv4;
    private readonly ImmutableArray<IPNetwork> _rangesIPv6;

    /// <summary>The options of frontends that belong to no service: host ports and addresses of redirect policies.</summary>
    public ServiceOptions(NodeView node) => (_node, _rangesIPv4, _rangesIPv6) = (node, [], []);

    public ServiceOptions(ServicePlan plan, NodeView node)
    {
        var spec = plan.Service.Spec;
        _node = node;
        _isDenied = plan.Annotations.SourceRangesPolicy is SourceRangesPolicy.Deny;
        _hasTwoScopes = spec.InternalTrafficPolicy != spec.ExternalTrafficPolicy;
        _isOfOurClass = spec.LoadBalancerClass is { Length: > 0 } name ? name is BgpClass or L2Class : node.Configuration.DefaultLoadBalancerClass;
        _forwarding = node.Configuration.AllowForwardingAnnotation ? plan.Annotations.ForwardingMode : null;
        Algorithm = node.Configuration.AllowAlgorithmAnnotation ? plan.Annotations.Algorithm : null;
        AffinitySeconds = spec.SessionAffinity is SessionAffinity.ClientIP ? spec.SessionAffinityTimeoutSeconds : 0;
        (_rangesIPv4, _rangesIPv6) = Ranges(spec.LoadBalancerSourceRanges);
        _flags = (spec.ExternalTrafficPolicy is TrafficPolicy.Local ? FrontendFlags.ExternalLocal : 0)
            | (spec.InternalTrafficPolicy is TrafficPolicy.Local ? FrontendFlags.InternalLocal : 0)
            | (AffinitySeconds > 0 ? FrontendFlags.SessionAffinity : 0)
            | (plan.Annotations.ProxyDelegation is ProxyDelegation.DelegateIfLocal ? FrontendFlags.LoopbackOrDelegate : 0);
    }

    /// <summary>The algorithm that the service asks for, if it may.</summary>
    public LoadBalancingAlgorithm? Algorithm { get; }

    public int AffinitySeconds { get; }

    public ImmutableArray<IPNetwork> SourceRanges(bool isIPv4) => isIPv4 ? _rangesIPv4 : _rangesIPv6;

    public bool UsesMaglev(FrontendType type) => Algorithm is { } chosen
        ? chosen is LoadBalancingAlgorithm.Maglev
        : _node.Configuration.Algorithm is LoadBalancingAlgorithm.Maglev
            && type is not FrontendType.LocalRedirect
            && (type is not FrontendType.ClusterIP || _node.Configuration.ExternalClusterIP);

    public bool GuardsAddress(FrontendPlan frontend) =>
        _isOfOurClass && _node.Configuration.WildcardEntries && frontend.Scope is FrontendScope.External
        && frontend.Type is FrontendType.ClusterIP or FrontendType.LoadBalancer && !_node.IsLocal(frontend.Address);

    public FrontendFlags Flags(L4Address address, FrontendType type)
    {
        var flags = _flags | OfType(type);
        if (_hasTwoScopes && type is not FrontendType.ClusterIP)
            flags |= FrontendFlags.TwoScopes;
        if (!address.IsUnspecified && (type is not FrontendType.ClusterIP || _node.Configuration.ExternalClusterIP))
            flags |= FrontendFlags.Routable;
        if (!SourceRanges(address.IsIPv4).IsEmpty
            && (type is FrontendType.LoadBalancer or FrontendType.ExternalIPs || _node.Configuration.SourceRangeAllTypes))
            flags |= FrontendFlags.CheckSourceRange | (_isDenied ? FrontendFlags.SourceRangeDeny : 0);
        return flags | (IsDirect(address.Protocol) ? FrontendFlags.DirectServerReturn : 0);
    }

    private bool IsDirect(L4Protocol protocol) => _forwarding is { } chosen
        ? chosen is ForwardingMode.Dsr
        : _node.Configuration.Forwarding switch
        {
            ForwardingDefault.Dsr => true,
            ForwardingDefault.Hybrid => protocol is L4Protocol.Tcp,
            _ => false,
        };

    private static FrontendFlags OfType(FrontendType type) => type switch
    {
        FrontendType.NodePort => FrontendFlags.NodePort,
        FrontendType.LoadBalancer => FrontendFlags.LoadBalancer,
        FrontendType.ExternalIPs => FrontendFlags.ExternalIPs,
        FrontendType.HostPort => FrontendFlags.HostPort,
        FrontendType.LocalRedirect => FrontendFlags.LocalRedirect,
        _ => FrontendFlags.None,
    };

    private static (ImmutableArray<IPNetwork> IPv4, ImmutableArray<IPNetwork> IPv6) Ranges(ImmutableArray<string> texts)
    {
        if (texts.IsDefaultOrEmpty)
            return ([], []);
        var ranges = new List<IPRange>(texts.Length);
        foreach (var text in texts)
        {
            if (IPRange.TryParse(text.AsSpan().Trim(), out var range, out _) && !ranges.Contains(range))
                ranges.Add(range);
        }

        return ([.. ranges.Where(static r => r.First.IsIPv4).Select(static r => r.ToNetwork())],
            [.. ranges.Where(static r => !r.First.IsIPv4).Select(static r => r.ToNetwork())]);
    }
}
