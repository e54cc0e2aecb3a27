namespace Datapath.SampleCluster;

/// <summary>A kind of object that the server has.</summary>
internal sealed record ApiResource(string Group, string Version, string Plural, string Kind, bool IsNamespaced)
{
    /// <summary>The field <c>apiVersion</c> of its objects.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Whether objects have a part that is written apart.</summary>
    public bool HasStatus => Plural is not ("endpointslices" or "configmaps");

    /// <summary>Whether the fields of <c>status</c> that its schema does not have are dropped.</summary>
    public bool DropsStatusByNode { get; init; }

    /// <summary>Whether it is defined by a CRD: its lists have items that say what they are.</summary>
    public bool IsCustom => Group.Contains('.', StringComparison.Ordinal) && !Group.EndsWith(".k8s.io", StringComparison.Ordinal);

    public static ApiResource[] BuiltIn { get; } =
    [
        new("", "v1", "services", "Service", true),
        new("", "v1", "pods", "Pod", true),
        new("", "v1", "nodes", "Node", false),
        new("", "v1", "namespaces", "Namespace", false),
        new("", "v1", "configmaps", "ConfigMap", true),
        new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true),
    ];

    public static ApiResource CiliumPolicies { get; } = new("cilium.io", "v2", "ciliumlocalredirectpolicies", "CiliumLocalRedirectPolicy", true);

    public static ApiResource ClusterPolicies { get; } = new("datapath.io", "v1alpha1", "clusterlocalredirectpolicies", "ClusterLocalRedirectPolicy", false);
}
