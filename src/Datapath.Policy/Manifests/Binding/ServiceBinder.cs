namespace Datapath.Policy;

/// <summary>Binds a Service of v1.</summary>
internal static class ServiceBinder
{
    public static Service Bind(FieldReader root, IssueList issues)
    {
        root.Require("spec");
        root.NoteOthers("apiVersion", "kind", "metadata", "spec", "status");
        return new() { Metadata = MetadataBinder.Bind(root, issues), Spec = BindSpec(root.Mapping("spec")) };
    }

    private static ServiceSpec BindSpec(FieldReader fields)
    {
        fields.NoteOthers(
            "type", "clusterIP", "clusterIPs", "ipFamilies", "ports", "internalTrafficPolicy", "selector", "ipFamilyPolicy",
            "externalName", "publishNotReadyAddresses", "allocateLoadBalancerNodePorts");
        return new()
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
            Ports = fields.List("ports", BindPort),
        };
    }

    private static ServicePort BindPort(FieldReader fields)
    {
        fields.Require("port");
        fields.NoteOthers("name", "port", "protocol", "targetPort", "nodePort", "appProtocol");
        return new()
        {
            Name = fields.String("name") ?? "",
            Port = fields.Integer("port") ?? 0,
            Protocol = Protocols.Bind(fields),
            NodePort = fields.Integer("nodePort") ?? 0,
        };
    }
}
