namespace Datapath.Policy;

/// <summary>How a kind is written in manifests.</summary>
internal sealed class ObjectSchema
{
    private const string ListSuffix = "List";

    private static readonly ObjectSchema[] s_all =
    [
        new(ObjectKind.Service, "v1", ServiceBinder.Bind),
        new(ObjectKind.EndpointSlice, "discovery.k8s.io/v1", EndpointSliceBinder.Bind),
        new(ObjectKind.Pod, "v1", PodBinder.Bind),
        new(ObjectKind.Node, "v1", NodeBinder.Bind),
        new(ObjectKind.Namespace, "v1", NamespaceBinder.Bind),
        new(ObjectKind.CiliumLocalRedirectPolicy, "cilium.io/v2", CiliumRedirectBinder.Bind),
        new(ObjectKind.ClusterLocalRedirectPolicy, "datapath.io/v1alpha1", ClusterRedirectBinder.Bind),
    ];

    private ObjectSchema(ObjectKind kind, string apiVersion, Binder bind) =>
        (Kind, Name, ApiVersion, Bind) = (kind, kind.ToString(), apiVersion, bind);

    public delegate KubernetesObject Binder(FieldReader root, IssueList issues);

    public ObjectKind Kind { get; }

    /// <summary>The value of <c>kind</c>.</summary>
    public string Name { get; }

    /// <summary>The only value of <c>apiVersion</c> that is read.</summary>
    public string ApiVersion { get; }

    public Binder Bind { get; }

    /// <summary>Whether an object that names no namespace is in the one called default. A Cilium policy has to name it.</summary>
    public bool DefaultsNamespace => Kind.IsNamespaced && Kind is not ObjectKind.CiliumLocalRedirectPolicy;

    public static ObjectSchema? Find(ReadOnlySpan<char> name)
    {
        foreach (var schema in s_all)
        {
            if (name.SequenceEqual(schema.Name))
                return schema;
        }

        return null;
    }

    /// <summary>
    /// What an object is that may be good for nothing else, its kind misspelt perhaps; <see langword="null"/> if it does not say it, or is of a group in which
    /// the kind means something else.
    /// </summary>
    public static ObjectKey? KeyOf(ManifestNode node, string? kind)
    {
        var metadata = node.Find("metadata");
        var version = node.TextOf("apiVersion");
        if ((Find(kind) ?? FindMeant(kind, version)) is not { } schema || metadata.TextOf("name") is not { } name)
            return null;
        if (version is not null && !GroupOf(version).SequenceEqual(GroupOf(schema.ApiVersion)))
            return null;
        return new(schema.Kind, schema.Kind.IsNamespaced ? metadata.TextOf("namespace") ?? "default" : "", name);
    }

    /// <summary>Whether a kind is a list, of objects of any kind or of one that is read.</summary>
    public static bool IsList(ReadOnlySpan<char> name) =>
        name.EndsWith(ListSuffix, StringComparison.Ordinal) && (name.Length == ListSuffix.Length || Find(name[..^ListSuffix.Length]) is not null);

    /// <summary>What a kind that is not read was meant to be; <see langword="null"/> if no kind of the group has a name like it.</summary>
    public static ObjectSchema? FindMeant(string? kind, string? apiVersion) => kind is null || apiVersion is null
        ? null
        : Find(NearestName.Find(kind, [.. s_all.Where(schema => GroupOf(apiVersion).SequenceEqual(GroupOf(schema.ApiVersion))).Select(static schema => schema.Name)]));

    private static ReadOnlySpan<char> GroupOf(string apiVersion) => apiVersion.AsSpan(0, Math.Max(0, apiVersion.IndexOf('/', StringComparison.Ordinal)));
}
