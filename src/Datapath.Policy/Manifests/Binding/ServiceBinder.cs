namespace Datapath.Policy;

/// <summary>Binds a Service of v1.</summary>
internal static class ServiceBinder
{
    public static Service Bind(FieldReader root, IssueList issues)
    {
        root.Require("spec");
        root.NoteOthers("apiVersion", "kind", "metadata", "spec", "status");
        return new()
        {
            Metadata = MetadataBinder.Bind(root, issues),
            Spec = BindSpec(root.Mapping("spec"), issues),
            Status = root.Has("status") ? BindStatus(root.Mapping("status")) : ServiceStatus.Empty,
        };
    }

    private static ServiceSpec BindSpec(FieldReader fields, IssueList issues)
    {
        fields.NoteOthers(
            "type", "clusterIP", "clusterIPs", "ipFamilies", "ports", "internalTrafficPolicy", "selector", "ipFamilyPolicy",
            "externalName", "publishNotReadyAddresses", "allocateLoadBalancerNodePorts", "externalTrafficPolicy", "externalIPs",
            "loadBalancerSourceRanges", "loadBalancerClass", "loadBalancerIP", "healthCheckNodePort", "sessionAffinity",
            "sessionAffinityConfig", "trafficDistribution");
        var spec = new ServiceSpec
        {
            Type = fields.OneOf(
                "type",
                ("ClusterIP", ServiceType.ClusterIP), ("NodePort", ServiceType.NodePort),
                ("LoadBalancer", ServiceType.LoadBalancer), ("ExternalName", ServiceType.ExternalName)) ?? ServiceType.ClusterIP,
            ClusterIP = fields.String("clusterIP"),
            ClusterIPs = fields.Strings("clusterIPs"),
            IPFamilies = fields.Choices("ipFamilies", ("IPv4", IPFamily.IPv4), ("IPv6", IPFamily.IPv6)),
            InternalTrafficPolicy = fields.OneOf(
                "internalTrafficPolicy", ("Cluster", TrafficPolicy.Cluster), ("Local", TrafficPolicy.Local)) ?? TrafficPolicy.Cluster,
            ExternalTrafficPolicy = fields.OneOf(
                "externalTrafficPolicy", ("Cluster", TrafficPolicy.Cluster), ("Local", TrafficPolicy.Local)) ?? TrafficPolicy.Cluster,
            Ports = fields.List("ports", BindPort),
            ExternalIPs = fields.Strings("externalIPs"),
            LoadBalancerSourceRanges = fields.Strings("loadBalancerSourceRanges"),
            LoadBalancerClass = fields.String("loadBalancerClass"),
            HealthCheckNodePort = fields.Integer("healthCheckNodePort") ?? 0,
            SessionAffinity = fields.OneOf(
                "sessionAffinity", ("None", SessionAffinity.None), ("ClientIP", SessionAffinity.ClientIP)) ?? SessionAffinity.None,
            SessionAffinityTimeoutSeconds = BindTimeout(fields) ?? ServiceSpec.DefaultSessionAffinityTimeout,
            TrafficDistribution = fields.OneOfKnown(
                "trafficDistribution", ("PreferClose", TrafficDistribution.PreferClose),
                ("PreferSameZone", TrafficDistribution.PreferSameZone),
                ("PreferSameNode", TrafficDistribution.PreferSameNode)) ?? TrafficDistribution.None,
            PublishNotReadyAddresses = fields.Boolean("publishNotReadyAddresses") ?? false,
        };
        if (fields.OneOfKnown("ipFamilyPolicy", ("SingleStack", false), ("PreferDualStack", false), ("RequireDualStack", true)) is true)
            WarnOfOneFamily(spec, issues);
        return spec;
    }

    // An API server allocates the second address, or refuses; from a file comes what is written there.
    private static void WarnOfOneFamily(ServiceSpec spec, IssueList issues)
    {
        var addresses = spec.ClusterIPs.AsSpan().Length > 0 ? spec.ClusterIPs.AsSpan() : spec.ClusterIP is { Length: > 0 } only ? [only] : [];
        if (spec.Type is not ServiceType.ExternalName && addresses.Length == 1 && !ServicePlan.IsNone(addresses[0]))
            issues.Warn("spec.ipFamilyPolicy", "RequireDualStack", $"has no effect: the service has one address ('{addresses[0]}'), and is served there alone; name one of each family in spec.clusterIPs");
    }

    private static int? BindTimeout(FieldReader fields) => fields.Has("sessionAffinityConfig")
        ? fields.Mapping("sessionAffinityConfig").Mapping("clientIP").Integer("timeoutSeconds")
        : null;

    private static ServiceStatus BindStatus(FieldReader fields)
    {
        var ingress = fields.Mapping("loadBalancer").List("ingress", BindIngress);
        return ingress.IsEmpty ? ServiceStatus.Empty : new() { LoadBalancerIngress = ingress };
    }

    private static LoadBalancerIngress BindIngress(FieldReader fields) => new()
    {
        IP = fields.String("ip"),
        Hostname = fields.String("hostname"),
        IPMode = fields.OneOf("ipMode", ("VIP", IPMode.Vip), ("Proxy", IPMode.Proxy)) ?? IPMode.Vip,
    };

    private static ServicePort BindPort(FieldReader fields)
    {
        fields.Require("port");
        fields.NoteOthers("name", "port", "protocol", "targetPort", "nodePort", "appProtocol");
        return new()
        {
            Name = fields.String("name") ?? "",
            Port = fields.Integer("port") ?? 0,
            Protocol = Protocols.Bind(fields),
            TargetPort = fields.NumberOrName("targetPort"),
            AppProtocol = fields.String("appProtocol"),
            NodePort = fields.Integer("nodePort") ?? 0,
        };
    }
}
