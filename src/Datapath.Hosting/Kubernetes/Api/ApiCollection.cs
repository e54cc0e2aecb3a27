namespace Datapath.Hosting;

/// <summary>The objects of a kind, as an API server has them.</summary>
/// <param name="GroupVersion">The kind's group and version; the version alone for the core group.</param>
/// <param name="Plural">The kind's name in paths.</param>
internal record ApiCollection(string GroupVersion, string Plural)
{
    /// <summary>The namespace of the objects; empty: all namespaces.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Which objects the server tells, by labels; empty: all.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>Which objects the server tells, by fields; empty: all.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>Whether a cluster may do without the kind.</summary>
    public bool IsCustom { get; init; }

    /// <summary>What instruments call the kind.</summary>
    public virtual string Label => Plural;

    /// <summary>The path of the objects, below that of the server.</summary>
    public string Path => Namespace.Length > 0 ? $"{Root}/namespaces/{Escape(Namespace)}/{Plural}" : $"{Root}/{Plural}";

    private string Root => GroupVersion.Contains('/', StringComparison.Ordinal) ? $"apis/{GroupVersion}" : $"api/{GroupVersion}";

    /// <summary>The path of an object, or of a part of it.</summary>
    /// <param name="space">Its namespace; empty: it has none.</param>
    /// <param name="name">Its name.</param>
    /// <param name="part">The part; empty: the object itself.</param>
    public string PathOf(string space, string name, string part) =>
        $"{Root}/{(space.Length > 0 ? $"namespaces/{Escape(space)}/" : "")}{Plural}/{Escape(name)}{(part.Length > 0 ? $"/{part}" : "")}";

    // A name with a slash would be another path.
    private static string Escape(string name) => Uri.EscapeDataString(name);
}
