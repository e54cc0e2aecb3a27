using System.Text.Json.Nodes;

namespace Datapath.SampleCluster;

/// <summary>What the server says of itself, by which kubectl finds its way.</summary>
internal static class Discovery
{
    public static JsonNode? Find(string path, IReadOnlyList<ApiResource> resources)
    {
        var groups = resources.Where(static resource => resource.Group.Length > 0).Select(static resource => (resource.Group, resource.Version)).Distinct().ToArray();
        switch (path.Trim('/').Split('/'))
        {
            case ["version"]:
                return new JsonObject { ["major"] = "1", ["minor"] = "32", ["gitVersion"] = "v1.32.0" };
            case ["api"]:
                return new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") };
            case ["apis"]:
                return new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. groups.Select(static group => Group(group.Group, group.Version))]) };
            case ["api", "v1"]:
                return Resources("v1", resources.Where(static resource => resource.Group.Length == 0));
            case ["apis", var name] when groups.FirstOrDefault(group => group.Group == name) is { Group: not null } found:
                return Group(found.Group, found.Version);
            case ["apis", var name, var version] when groups.Contains((name, version)):
                return Resources($"{name}/{version}", resources.Where(resource => resource.Group == name));
            default:
                return null;
        }
    }

    private static JsonObject Group(string name, string version)
    {
        JsonObject Version() => new() { ["groupVersion"] = $"{name}/{version}", ["version"] = version };
        return new() { ["kind"] = "APIGroup", ["apiVersion"] = "v1", ["name"] = name, ["versions"] = new JsonArray(Version()), ["preferredVersion"] = Version() };
    }

    private static JsonObject Resources(string groupVersion, IEnumerable<ApiResource> resources) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = groupVersion,
        ["resources"] = new JsonArray([.. resources.SelectMany(Entries)]),
    };

    private static IEnumerable<JsonObject> Entries(ApiResource resource)
    {
        string[] names = resource.HasStatus ? [resource.Plural, resource.Plural + "/status"] : [resource.Plural];
        return names.Select(name => new JsonObject
        {
            ["name"] = name,
            ["singularName"] = name.Contains('/', StringComparison.Ordinal) ? "" : resource.Kind.ToLowerInvariant(),
            ["namespaced"] = resource.IsNamespaced,
            ["kind"] = resource.Kind,
            ["verbs"] = name.Contains('/', StringComparison.Ordinal) ? new JsonArray("get", "patch", "update") : new JsonArray("create", "delete", "get", "list", "patch", "update", "watch"),
        });
    }
}
