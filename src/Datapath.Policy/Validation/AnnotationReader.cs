using System.Collections.Immutable;
using System.Globalization;

namespace Datapath.Policy;

/// <summary>Reads annotations that mean something to the datapath. An invalid value is reported under its annotation and read as absent.</summary>
internal static class AnnotationReader
{
    public static ServiceAnnotations ReadService(ImmutableDictionary<string, string> annotations, IssueList? issues)
    {
        if (annotations.IsEmpty)
            return ServiceAnnotations.None;
        return new()
        {
            Type = OneOf(
                annotations, ServiceAnnotations.TypeAnnotation, issues, ("ClusterIP", ServiceType.ClusterIP),
                ("NodePort", ServiceType.NodePort), ("LoadBalancer", ServiceType.LoadBalancer)),
            Node = annotations.GetValueOrDefault(ServiceAnnotations.NodeAnnotation),
            NodeSelector = Selector(annotations, ServiceAnnotations.NodeSelectorAnnotation, issues),
            Algorithm = OneOf(
                annotations, ServiceAnnotations.AlgorithmAnnotation, issues, ("random", LoadBalancingAlgorithm.Random),
                ("maglev", LoadBalancingAlgorithm.Maglev)),
            ForwardingMode = OneOf(
                annotations, ServiceAnnotations.ForwardingModeAnnotation, issues, ("snat", ForwardingMode.Snat), ("dsr", ForwardingMode.Dsr)),
            SourceRangesPolicy = OneOf(
                annotations, ServiceAnnotations.SourceRangesPolicyAnnotation, issues, ("allow", SourceRangesPolicy.Allow),
                ("deny", SourceRangesPolicy.Deny)) ?? SourceRangesPolicy.Allow,
            ProxyDelegation = OneOf(
                annotations, ServiceAnnotations.ProxyDelegationAnnotation, issues, ("none", ProxyDelegation.None),
                ("delegate-if-local", ProxyDelegation.DelegateIfLocal)) ?? ProxyDelegation.None,
            StaleTcp = OneOf(
                annotations, ServiceAnnotations.StaleTcpAnnotation, issues, ("whenBackendIsGone", StaleTcpPolicy.WhenBackendIsGone),
                ("always", StaleTcpPolicy.Always), ("never", StaleTcpPolicy.Never)),
            UsesTopologyHints = UsesTopologyHints(annotations),
        };
    }

    public static NoBackendAction? ReadOnNoBackend(ImmutableDictionary<string, string> annotations, IssueList? issues) => OneOf(
        annotations, CiliumLocalRedirectPolicy.OnNoBackendAnnotation, issues, ("fallback", NoBackendAction.Fallback),
        ("drop", NoBackendAction.Drop));

    public static void ValidateWeight(ImmutableDictionary<string, string> annotations, IssueList issues)
    {
        if (annotations.TryGetValue(EndpointSlice.WeightAnnotation, out var text) && !TryParseWeight(text, out _))
            issues.Error(Field(EndpointSlice.WeightAnnotation), text, "must be a whole number, 0 to 65535");
    }

    public static bool TryParseWeight(string text, out int weight)
    {
        var isWeight = ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        weight = value;
        return isWeight;
    }

    private static T? OneOf<T>(
        ImmutableDictionary<string, string> annotations, string name, IssueList? issues, params ReadOnlySpan<(string Text, T Value)> choices)
        where T : struct
    {
        if (!annotations.TryGetValue(name, out var text))
            return null;
        if (FieldReader.Find(text, choices) is { } value)
            return value;
        issues?.Error(Field(name), text, FieldReader.NotOneOf(choices));
        return null;
    }

    private static LabelSelector? Selector(ImmutableDictionary<string, string> annotations, string name, IssueList? issues)
    {
        if (!annotations.TryGetValue(name, out var text))
            return null;
        var selector = LabelSelectorParser.Parse(text, out var reason);
        if (selector is null)
            issues?.Error(Field(name), text, $"must be a label selector: it {reason}");
        return selector;
    }

    /// <summary>The annotations are those of Kubernetes, which takes any value; all but "auto" mean no.</summary>
    private static bool UsesTopologyHints(ImmutableDictionary<string, string> annotations) =>
        (annotations.TryGetValue(ServiceAnnotations.TopologyModeAnnotation, out var text)
            || annotations.TryGetValue(ServiceAnnotations.TopologyAwareHintsAnnotation, out text))
        && text.Equals("auto", StringComparison.OrdinalIgnoreCase);

    private static string Field(string annotation) => $"metadata.annotations[{annotation}]";
}
