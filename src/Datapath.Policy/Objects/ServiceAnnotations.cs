using System.Collections.Immutable;

namespace Datapath.Policy;

/// <summary>What the annotations of a <see cref="Service"/> say. One that is invalid counts as absent here; validation refuses it.</summary>
public sealed record ServiceAnnotations
{
    /// <summary>Which type of frontend the service is to have, if not all: ClusterIP, NodePort or LoadBalancer.</summary>
    public const string TypeAnnotation = "service.cilium.io/type";

    /// <summary>The value that the label of the same name has on the nodes that are to serve the service.</summary>
    public const string NodeAnnotation = "service.cilium.io/node";

    /// <summary>A label selector for the nodes that are to serve the service. It wins over <see cref="NodeAnnotation"/>.</summary>
    public const string NodeSelectorAnnotation = "service.cilium.io/node-selector";

    /// <summary>How a backend is chosen: random or maglev.</summary>
    public const string AlgorithmAnnotation = "service.cilium.io/lb-algorithm";

    /// <summary>How replies find their way back: snat or dsr.</summary>
    public const string ForwardingModeAnnotation = "service.cilium.io/forwarding-mode";

    /// <summary>Whether source ranges are let in or refused: allow or deny.</summary>
    public const string SourceRangesPolicyAnnotation = "service.cilium.io/src-ranges-policy";

    /// <summary>Whether traffic is left to a proxy: none or delegate-if-local.</summary>
    public const string ProxyDelegationAnnotation = "service.cilium.io/proxy-delegation";

    /// <summary>
    /// Which TCP connections are ended when the service no longer leads to their backend: whenBackendIsGone, always or never, as the configuration key
    /// <c>staleTcp</c>.
    /// </summary>
    public const string StaleTcpAnnotation = "datapath.io/stale-tcp";

    /// <summary>Asks for zone hints to be used: Auto.</summary>
    public const string TopologyModeAnnotation = "service.kubernetes.io/topology-mode";

    /// <summary>The old name of <see cref="TopologyModeAnnotation"/>, which counts only if that one is absent.</summary>
    public const string TopologyAwareHintsAnnotation = "service.kubernetes.io/topology-aware-hints";

    /// <summary>What a service without annotations says.</summary>
    public static ServiceAnnotations None { get; } = new();

    /// <summary>The only type of frontend that the service is to have. Default: all that it has.</summary>
    public ServiceType? Type { get; init; }

    /// <summary>The value of the label <see cref="NodeAnnotation"/> of nodes that serve the service. Default: all nodes do.</summary>
    public string? Node { get; init; }

    /// <summary>The nodes that serve the service. Wins over <see cref="Node"/>. Default: all do.</summary>
    public LabelSelector? NodeSelector { get; init; }

    /// <summary>How a backend is chosen. Default: as the node's configuration says.</summary>
    public LoadBalancingAlgorithm? Algorithm { get; init; }

    /// <summary>How replies find their way back. Default: as the node's configuration says.</summary>
    public ForwardingMode? ForwardingMode { get; init; }

    /// <summary>What the source ranges mean. Default: <see cref="SourceRangesPolicy.Allow"/>.</summary>
    public SourceRangesPolicy SourceRangesPolicy { get; init; }

    /// <summary>Whether traffic is left to a proxy. Default: <see cref="ProxyDelegation.None"/>.</summary>
    public ProxyDelegation ProxyDelegation { get; init; }

    /// <summary>Whether zone hints are to be used (<see cref="TopologyModeAnnotation"/>). Default: no.</summary>
    public bool UsesTopologyHints { get; init; }

    /// <summary>Which TCP connections are ended when the service no longer leads to their backend. Default: as the engine is configured.</summary>
    public StaleTcpPolicy? StaleTcp { get; init; }

    /// <summary>Reads the annotations of a service.</summary>
    /// <param name="service">The service.</param>
    public static ServiceAnnotations Of(Service service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return AnnotationReader.ReadService(service.Metadata.Annotations, issues: null);
    }

    /// <summary>Whether a node is to serve the service.</summary>
    /// <param name="labels">The labels of the node.</param>
    public bool IsForNode(ImmutableDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (NodeSelector is not null)
            return NodeSelector.Matches(labels);
        return Node is null || (labels.TryGetValue(NodeAnnotation, out var value) && value == Node);
    }
}
