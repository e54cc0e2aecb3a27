namespace Datapath.Policy;

/// <summary>Binds a CiliumLocalRedirectPolicy of cilium.io/v2.</summary>
internal static class CiliumRedirectBinder
{
    public static CiliumLocalRedirectPolicy Bind(FieldReader root, IssueList issues)
    {
        root.Require("spec");
        root.NoteOthers("apiVersion", "kind", "metadata", "spec", "status");
        var metadata = root.Mapping("metadata");
        metadata.Require("namespace");
        var spec = root.Mapping("spec");
        spec.Require("redirectFrontend");
        spec.Require("redirectBackend");
        spec.NoteOthers("redirectFrontend", "redirectBackend", "skipRedirectFromBackend", "description");
        return new()
        {
            Metadata = MetadataBinder.Bind(root, issues),
            Frontend = BindFrontend(spec.Mapping("redirectFrontend")),
            Backend = BindBackend(spec.Mapping("redirectBackend")),
            SkipRedirectFromBackend = spec.Boolean("skipRedirectFromBackend") ?? false,
            Description = spec.String("description"),
        };
    }

    private static RedirectFrontend BindFrontend(FieldReader fields)
    {
        fields.NoteOthers("addressMatcher", "serviceMatcher");
        return new()
        {
            AddressMatcher = fields.Has("addressMatcher") ? BindAddress(fields.Mapping("addressMatcher")) : null,
            ServiceMatcher = fields.Has("serviceMatcher") ? BindService(fields.Mapping("serviceMatcher")) : null,
        };
    }

    private static RedirectAddressMatcher BindAddress(FieldReader fields)
    {
        fields.Require("ip");
        fields.NoteOthers("ip", "toPorts");
        return new() { IP = fields.String("ip") ?? "", ToPorts = fields.List("toPorts", BindPort) };
    }

    private static RedirectServiceMatcher BindService(FieldReader fields)
    {
        fields.Require("serviceName");
        fields.Require("namespace");
        fields.NoteOthers("serviceName", "namespace", "toPorts");
        return new()
        {
            ServiceName = fields.String("serviceName") ?? "",
            Namespace = fields.String("namespace") ?? "",
            ToPorts = fields.List("toPorts", BindPort),
        };
    }

    private static RedirectBackend BindBackend(FieldReader fields)
    {
        fields.Require("localEndpointSelector");
        fields.NoteOthers("localEndpointSelector", "toPorts");
        return new()
        {
            LocalEndpointSelector = LabelSelectorBinder.Bind(fields.Mapping("localEndpointSelector")),
            ToPorts = fields.List("toPorts", BindPort),
        };
    }

    private static RedirectPort BindPort(FieldReader fields)
    {
        fields.Require("port");
        fields.Require("protocol");
        fields.NoteOthers("name", "port", "protocol");
        return new()
        {
            Name = fields.String("name") ?? "",
            Port = fields.QuotedPort("port") ?? 0,
            Protocol = Protocols.BindRedirected(fields),
        };
    }
}
