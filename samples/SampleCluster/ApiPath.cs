namespace Datapath.SampleCluster;

/// <summary>What a path means.</summary>
internal sealed record ApiPath(ApiResource Resource, string Namespace, string Name, string Part, bool IsOfAllNamespaces)
{
    public static ApiPath? TryParse(string path, IEnumerable<ApiResource> resources)
    {
        var parts = path.Trim('/').Split('/');
        var (group, rest) = parts switch
        {
            ["api", "v1", .. var core] => ("", core),
            ["apis", var name, _, .. var other] => (name, other),
            _ => ("", []),
        };
        var space = "";
        if (rest is ["namespaces", var named, _, ..])
            (space, rest) = (named, rest[2..]);
        if (rest.Length is 0 or > 3 || resources.FirstOrDefault(resource => resource.Plural == rest[0] && resource.Group == group) is not { } found)
            return null;
        return new(found, space, rest.Length > 1 ? rest[1] : "", rest.Length > 2 ? rest[2] : "", space.Length == 0);
    }
}
