namespace Datapath.Policy;

/// <summary>Binds an EndpointSlice of discovery.k8s.io/v1.</summary>
internal static class EndpointSliceBinder
{
    public static EndpointSlice Bind(FieldReader root, IssueList issues)
    {
        root.Require("addressType");
        root.NoteOthers("apiVersion", "kind", "metadata", "addressType", "ports", "endpoints");
        return new()
        {
            Metadata = MetadataBinder.Bind(root, issues),
            AddressType = root.OneOf(
                "addressType", ("IPv4", AddressType.IPv4), ("IPv6", AddressType.IPv6), ("FQDN", AddressType.Fqdn)) ?? AddressType.IPv4,
            Ports = root.List("ports", BindPort),
            Endpoints = root.List("endpoints", BindEndpoint),
        };
    }

    private static EndpointPort BindPort(FieldReader fields)
    {
        fields.NoteOthers("name", "port", "protocol", "appProtocol");
        return new() { Name = fields.String("name") ?? "", Port = fields.Integer("port"), Protocol = Protocols.Bind(fields) };
    }

    private static Endpoint BindEndpoint(FieldReader fields)
    {
        fields.NoteOthers("addresses", "conditions", "nodeName", "zone", "hints", "hostname", "targetRef", "deprecatedTopology");
        return new()
        {
            Addresses = fields.Strings("addresses"),
            Conditions = BindConditions(fields.Mapping("conditions")),
            NodeName = fields.String("nodeName"),
            Zone = fields.String("zone"),
            Hints = BindHints(fields),
        };
    }

    private static EndpointHints? BindHints(FieldReader fields)
    {
        if (!fields.Has("hints"))
            return null;
        var hints = fields.Mapping("hints");
        hints.NoteOthers("forZones", "forNodes");
        return new() { Zones = hints.StringsOf("forZones", "name"), Nodes = hints.StringsOf("forNodes", "name") };
    }

    private static EndpointConditions BindConditions(FieldReader fields)
    {
        fields.NoteOthers("ready", "serving", "terminating");
        return new(fields.Boolean("ready"), fields.Boolean("serving"), fields.Boolean("terminating"));
    }
}
