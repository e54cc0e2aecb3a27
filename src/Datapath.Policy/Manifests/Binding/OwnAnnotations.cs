namespace Datapath.Policy;

/// <summary>Warns of annotations under the product's own name that mean nothing: they are misspelt, or on the wrong object.</summary>
internal static class OwnAnnotations
{
    private const string Prefix = "datapath.io/";

    public static void Warn(KubernetesObject item, IssueList issues)
    {
        foreach (var name in item.Metadata.Annotations.Keys)
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            if (name != CiliumLocalRedirectPolicy.OnNoBackendAnnotation)
                issues.Warn(Field(name), null, "is not known and has no effect" + NearestName.Hint(name, [CiliumLocalRedirectPolicy.OnNoBackendAnnotation]));
            else if (item is not CiliumLocalRedirectPolicy)
                issues.Warn(Field(name), null, $"has no effect: it is for {nameof(CiliumLocalRedirectPolicy)} only");
        }
    }

    private static string Field(string name) => $"metadata.annotations[{name}]";
}
