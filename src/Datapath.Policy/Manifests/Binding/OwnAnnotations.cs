namespace Datapath.Policy;

/// <summary>Warns of annotations under the product's own name that mean nothing: they are misspelt, or on the wrong object.</summary>
internal static class OwnAnnotations
{
    private const string Prefix = "datapath.io/";

    private static readonly Dictionary<string, ObjectKind[]> s_known = new()
    {
        [CiliumLocalRedirectPolicy.OnNoBackendAnnotation] = [ObjectKind.CiliumLocalRedirectPolicy],
        [ServiceAnnotations.StaleTcpAnnotation] = [ObjectKind.Service],
        [Pod.SocketLbAnnotation] = [ObjectKind.Pod, ObjectKind.Namespace],
        [Pod.MasqueradeAnnotation] = [ObjectKind.Pod, ObjectKind.Namespace],
    };

    public static void Warn(KubernetesObject item, IssueList issues)
    {
        foreach (var name in item.Metadata.Annotations.Keys)
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
                continue;
            if (!s_known.TryGetValue(name, out var kinds))
                issues.Warn($"metadata.annotations[{name}]", null, "is not known and has no effect" + NearestName.Hint(name, [.. s_known.Keys]));
            else if (!kinds.Contains(item.Kind))
                issues.Warn($"metadata.annotations[{name}]", null, $"has no effect: it is for {string.Join(" and ", kinds)} only");
        }

        if (item is not Pod pod)
            return;
        foreach (var podSwitch in PodSwitch.All)
            podSwitch.WarnOfLabel(pod, issues);
    }
}
