using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tables;

/// <summary>Rows of redirect policies.</summary>
internal static class RedirectPolicyTables
{
    /// <summary>Where labels come from.</summary>
    private const string LabelSource = "k8s:";

    public static ImmutableArray<LocalRedirectPolicyRow> Namespaced(IEnumerable<AcceptedRedirect> accepted) =>
    [
        .. accepted.Select(static item => item.Policy).OfType<CiliumLocalRedirectPolicy>().OrderBy(static policy => policy.Key).Select(Row),
    ];

    public static ImmutableArray<ClusterRedirectPolicyRow> Clusterwide(
        IEnumerable<AcceptedRedirect> accepted, ImmutableArray<ListedFrontend> frontends, ImmutableArray<RangeRow> ranges) =>
    [
        .. from item in accepted
           let policy = item.Policy as ClusterLocalRedirectPolicy
           where policy is not null
           orderby policy.Key
           select Row(policy, item.PseudoService, frontends, ranges),
    ];

    private static LocalRedirectPolicyRow Row(CiliumLocalRedirectPolicy policy)
    {
        var selector = policy.Backend.LocalEndpointSelector;
        var labels = selector.MatchLabels.OrderBy(static label => label.Key, StringComparer.Ordinal);
        var service = policy.Frontend.ServiceMatcher;
        return new(
            Name(policy),
            service is null ? "address" : "service",
            service is null ? null : $"{service.Namespace}/{service.ServiceName}",
            FrontendType(policy.Frontend),
            Addresses(policy.Frontend.AddressMatcher),
            KeyedRows.Of(labels.Select(static label => (LabelSource + label.Key, label.Value))),
            [.. selector.MatchExpressions.Select(static requirement => requirement.ToString())]);
    }

    private static ClusterRedirectPolicyRow Row(
        ClusterLocalRedirectPolicy policy, ServiceName service, ImmutableArray<ListedFrontend> frontends, ImmutableArray<RangeRow> ranges)
    {
        var name = service.ToString();
        return new(
            policy.Metadata.Name,
            name,
            policy.Priority,
            [
                .. frontends.Select(static item => item.Frontend).Where(frontend => frontend.Redirects.Any(redirect => redirect.Policy == service))
                    .Select(static frontend => ListedFrontend.Key(frontend.Address, frontend.Scope)),
            ],
            [.. ranges.Where(range => range.Redirects.Any(redirect => redirect.Policy == name)).Select(static range => range.Range)],
            policy.Backend.Namespace,
            policy.Backend.Selector.ToString(),
            policy.Backend.BackendAddress);
    }

    private static string Name(KubernetesObject policy) => $"{policy.Metadata.Namespace}/{policy.Metadata.Name}";

    private static string FrontendType(RedirectFrontend frontend) => frontend switch
    {
        { AddressMatcher.ToPorts.Length: > 1 } => "addr-named-ports",
        { AddressMatcher: not null } => "addr-single-port",
        { ServiceMatcher.ToPorts.Length: 1 } => "svc-single-port",
        { ServiceMatcher.ToPorts.Length: > 1 } => "named-ports",
        _ => "all",
    };

    private static ImmutableArray<string> Addresses(RedirectAddressMatcher? matcher) => matcher is null
        ? []
        :
        [
            .. matcher.ToPorts.Select(port => new L4Address(IPAddress.Parse(matcher.IP), (ushort)port.Port, port.Protocol))
                .Order(TableOrder.OfAddresses).Select(static address => address.ToString()),
        ];
}
