using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Datapath.Policy.Tables;

/// <summary>Rows of services.</summary>
internal static class ServiceTable
{
    private const string Source = "k8s";

    public static ImmutableArray<ServiceRow> Rows(PolicyCompiler compiler)
    {
        var objects = compiler.ValidServices.ToDictionary(static service => service.ServiceName);
        return
        [
            .. compiler.State.Services.Keys.Order().Select(name =>
                objects.TryGetValue(name, out var service) ? Row(service, compiler.EffectiveNode) : PseudoRow(name)),
        ];
    }

    private static ServiceRow Row(Service service, NodeConfiguration node)
    {
        var spec = service.Spec;
        return new(
            service.ServiceName.ToString(),
            Source,
            KeyedRows.Of(spec.Ports.Select(static port => (port.Name, port.Port))),
            spec.ExternalTrafficPolicy.ToString(),
            spec.InternalTrafficPolicy.ToString(),
            Attributes(spec, ServiceAnnotations.Of(service), node));
    }

    /// <summary>What a host port or a policy stands for has nothing to say of itself.</summary>
    private static ServiceRow PseudoRow(ServiceName name) => new(
        name.ToString(),
        Source,
        ReadOnlyDictionary<string, int>.Empty,
        nameof(TrafficPolicy.Cluster),
        nameof(TrafficPolicy.Cluster),
        new());

    private static ServiceAttributes Attributes(ServiceSpec spec, ServiceAnnotations annotations, NodeConfiguration node) => new()
    {
        SessionAffinitySeconds = spec.SessionAffinity is SessionAffinity.ClientIP ? spec.SessionAffinityTimeoutSeconds : null,
        SourceRanges = spec.LoadBalancerSourceRanges.IsDefaultOrEmpty ? null : spec.LoadBalancerSourceRanges,
        SourceRangesPolicy = annotations.SourceRangesPolicy is SourceRangesPolicy.Deny ? "deny" : null,
        ExplicitLBAlgorithm = node.AllowAlgorithmAnnotation ? AlgorithmNames.Of(annotations.Algorithm) : null,
        ForwardingMode = node.AllowForwardingAnnotation ? Name(annotations.ForwardingMode) : null,
        TrafficDistribution = Distribution(spec, annotations),
        LoadBalancerClass = spec.LoadBalancerClass,
    };

    private static string? Name(ForwardingMode? mode) => mode switch
    {
        ForwardingMode.Snat => "snat",
        ForwardingMode.Dsr => "dsr",
        _ => null,
    };

    private static string? Distribution(ServiceSpec spec, ServiceAnnotations annotations) => spec.TrafficDistribution switch
    {
        TrafficDistribution.None => annotations.UsesTopologyHints ? nameof(TrafficDistribution.PreferSameZone) : null,
        var said => said.ToString(),
    };
}
