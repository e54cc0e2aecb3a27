namespace Datapath.Policy;

/// <summary>Binds a ClusterLocalRedirectPolicy of datapath.io/v1alpha1.</summary>
internal static class ClusterRedirectBinder
{
    public static ClusterLocalRedirectPolicy Bind(FieldReader root, IssueList issues)
    {
        root.Require("spec");
        root.NoteOthers("apiVersion", "kind", "metadata", "spec", "status");
        var spec = root.Mapping("spec");
        spec.Require("frontends");
        spec.Require("backend");
        spec.NoteOthers(
            "frontends", "backend", "clientSelector", "onNoBackend", "skipRedirectFromBackend", "priority", "description");
        return new()
        {
            Metadata = MetadataBinder.BindClusterwide(root, issues),
            Frontends = spec.List("frontends", BindFrontend),
            Backend = BindBackend(spec.Mapping("backend")),
            ClientSelector = spec.Has("clientSelector") ? BindClients(spec.Mapping("clientSelector")) : ClientSelector.Everybody,
            OnNoBackend = spec.OneOf(
                "onNoBackend", ("fallback", NoBackendAction.Fallback), ("drop", NoBackendAction.Drop)) ?? NoBackendAction.Fallback,
            SkipRedirectFromBackend = spec.Boolean("skipRedirectFromBackend") ?? false,
            Priority = spec.Integer("priority") ?? 0,
            Description = spec.String("description"),
        };
    }

    private static ClusterRedirectFrontend BindFrontend(FieldReader fields)
    {
        fields.NoteOthers("addresses", "service", "ports");
        return new()
        {
            Addresses = fields.Strings("addresses"),
            Service = fields.Has("service") ? BindService(fields.Mapping("service")) : null,
            Ports = fields.List("ports", BindFrontendPort),
        };
    }

    private static ServiceReference BindService(FieldReader fields)
    {
        fields.Require("namespace");
        fields.Require("name");
        fields.NoteOthers("namespace", "name");
        return new(fields.String("namespace") ?? "", fields.String("name") ?? "");
    }

    private static ClusterFrontendPort BindFrontendPort(FieldReader fields)
    {
        fields.Require("port");
        fields.NoteOthers("port", "endPort", "protocol", "backendPort");
        return new()
        {
            Port = fields.Integer("port") ?? 0,
            EndPort = fields.Integer("endPort"),
            Protocol = Protocols.BindRedirected(fields),
            BackendPort = fields.String("backendPort") ?? "",
        };
    }

    private static ClusterRedirectBackend BindBackend(FieldReader fields)
    {
        fields.Require("namespace");
        fields.Require("selector");
        fields.NoteOthers("namespace", "selector", "ports", "backendAddress");
        return new()
        {
            Namespace = fields.String("namespace") ?? "",
            Selector = LabelSelectorBinder.Bind(fields.Mapping("selector")),
            Ports = fields.List("ports", BindBackendPort),
            BackendAddress = fields.String("backendAddress"),
        };
    }

    private static RedirectPort BindBackendPort(FieldReader fields)
    {
        fields.Require("port");
        fields.NoteOthers("name", "port", "protocol");
        return new()
        {
            Name = fields.String("name") ?? "",
            Port = fields.Integer("port") ?? 0,
            Protocol = Protocols.BindRedirected(fields),
        };
    }

    private static ClientSelector BindClients(FieldReader fields)
    {
        fields.NoteOthers("include", "exclude");
        return new() { Include = fields.List("include", BindPeer), Exclude = fields.List("exclude", BindPeer) };
    }

    private static ClientPeer BindPeer(FieldReader fields)
    {
        fields.NoteOthers("namespaces", "pods", "hostProcesses");
        return new()
        {
            Namespaces = fields.Has("namespaces") ? LabelSelectorBinder.Bind(fields.Mapping("namespaces")) : null,
            Pods = fields.Has("pods") ? LabelSelectorBinder.Bind(fields.Mapping("pods")) : null,
            HostProcesses = fields.Boolean("hostProcesses") ?? false,
        };
    }
}
