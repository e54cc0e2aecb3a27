using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Nodes;
using Datapath.Hosting;
using Datapath.Policy;

namespace Datapath.Kubernetes.Tests.Deploy;

/// <summary>The CRDs against what the library reads, field by field and document by document.</summary>
internal sealed class CrdTests
{
    private static readonly string[] s_files = ["ciliumlocalredirectpolicies.yaml", "clusterlocalredirectpolicies.yaml"];

    private static JsonObject Read(string file) => Manifests.Read(Path.Combine(Manifests.DeployFolder, file)).Single();

    private static JsonObject Schema(string kind) => Read(kind.ToLowerInvariant()[..^1] + "ies.yaml")["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject();

    [TestCaseSource(nameof(s_files))]
    public void A_schema_is_structural(string file) => Assert.That(StructuralSchema.Check(Read(file)["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject()), Is.Empty);

    [TestCaseSource(nameof(s_files))]
    public void A_definition_is_of_the_kind_that_is_followed(string file)
    {
        var options = new DatapathOptions();
        var spec = Read(file)["spec"]!;
        var resource = KubernetesResource.Of(options).Single(item => item.Kind.ToString() == (string?)spec["names"]!["kind"]);
        var version = spec["versions"]!.AsArray().Single()!;
        Assert.That($"{spec["group"]}/{version["name"]}", Is.EqualTo(resource.GroupVersion));
        Assert.That((string?)spec["names"]!["plural"], Is.EqualTo(resource.Plural));
        Assert.That((string?)Read(file)["metadata"]!["name"], Is.EqualTo($"{resource.Plural}.{spec["group"]}"));
        Assert.That((string?)spec["scope"], Is.EqualTo(resource.IsNamespaced ? "Namespaced" : "Cluster"));
        Assert.That(version["subresources"]!["status"], Is.Not.Null);
        Assert.That(((bool)version["served"]!, (bool)version["storage"]!), Is.EqualTo((true, true)));
    }

    [Test]
    public void The_fields_of_the_clusterwide_kind_are_those_of_its_model() => Assert.That(
        Fields(Schema("ClusterLocalRedirectPolicy")["properties"]!["spec"]!.AsObject(), "spec").Order(StringComparer.Ordinal),
        Is.EqualTo(Fields(typeof(ClusterLocalRedirectPolicy), "spec").Order(StringComparer.Ordinal)));

    [Test]
    public void The_fields_of_the_namespaced_kind_are_those_of_its_model() => Assert.That(
        Fields(Schema("CiliumLocalRedirectPolicy")["properties"]!["spec"]!.AsObject(), "spec").Order(StringComparer.Ordinal),
        Is.EqualTo(Fields(typeof(CiliumLocalRedirectPolicy), "spec")
            .Where(static field => field != "spec.onNoBackend") // an annotation
            .Select(static field => field.Replace("spec.frontend", "spec.redirectFrontend", StringComparison.Ordinal).Replace("spec.backend", "spec.redirectBackend", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)));

    [TestCase("CiliumLocalRedirectPolicy")]
    [TestCase("ClusterLocalRedirectPolicy")]
    public void What_a_node_writes_is_what_the_schema_of_the_status_has(string kind)
    {
        var schema = Schema(kind)["properties"]!["status"]!.AsObject();
        var node = schema["properties"]!["nodes"]!["additionalProperties"]!.AsObject();
        var longest = new ObjectStatus(default, ObjectCondition.Active, 3, new string('m', 5000));
        var patch = JsonNode.Parse(NodeStatus.ToPatch(NodeStatus.Of(longest, 4).After(null, DateTimeOffset.UnixEpoch), "node-a"))!;
        Assert.That(StructuralSchema.Validate(schema, patch["status"]), Is.Empty);
        Assert.That(patch["status"]!["nodes"]!["node-a"]!.AsObject().Select(static field => field.Key), Is.EquivalentTo(node["properties"]!.AsObject().Select(static field => field.Key)));
        Assert.That(node["properties"]!["condition"]!["enum"]!.AsArray().Select(static name => (string?)name), Is.EqualTo(Enum.GetNames<ObjectCondition>()));
        Assert.That(patch["status"]!["nodes"]!["node-a"]!["lastTransitionTime"]!.ToString(), Is.EqualTo("1970-01-01T00:00:00Z"));
    }

    [Test]
    public void A_schema_refuses_nothing_that_the_library_takes()
    {
        var count = 0;
        var folders = new[] { Path.Combine("samples"), Path.Combine("tests", "Datapath.Policy.Tests") };
        foreach (var file in folders.SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(Manifests.Root, folder), "*.yaml", SearchOption.AllDirectories)))
        {
            if (file.Contains("/bin/", StringComparison.Ordinal) || file.Contains("/obj/", StringComparison.Ordinal) || file.Contains("/deploy/", StringComparison.Ordinal)
                || !File.ReadAllText(file).Contains("LocalRedirectPolicy", StringComparison.Ordinal))
                continue;
            foreach (var item in Policies(file))
            {
                count++;
                if (IsTaken(item))
                    Assert.That(StructuralSchema.Validate(Schema((string)item["kind"]!), item), Is.Empty, file);
            }
        }

        Assert.That(count, Is.GreaterThan(50), "policies that were looked at");
    }

    // Each of these is made of a good policy by one change.
    [TestCase("Cluster", "spec.frontends", "[]")]
    [TestCase("Cluster", "spec.frontends.0.addresses", "[]")]
    [TestCase("Cluster", "spec.frontends.0.service", """{ "namespace": "a", "name": "b" }""")]
    [TestCase("Cluster", "spec.frontends.0.ports", "[]")]
    [TestCase("Cluster", "spec.frontends.0.ports.0.port", "0")]
    [TestCase("Cluster", "spec.frontends.0.ports.0.port", "65536")]
    [TestCase("Cluster", "spec.frontends.0.ports.0.endPort", "52")]
    [TestCase("Cluster", "spec.frontends.0.ports.0.protocol", "\"SCTP\"")]
    [TestCase("Cluster", "spec.frontends.0.ports.0.port", "\"53\"")]
    [TestCase("Cluster", "spec.backend", "null")]
    [TestCase("Cluster", "spec.backend.namespace", "null")]
    [TestCase("Cluster", "spec.backend.selector", "{}")]
    [TestCase("Cluster", "spec.backend.selector", """{ "matchLabels": {} }""")]
    [TestCase("Cluster", "spec.backend.selector", """{ "matchExpressions": [{ "key": "a", "operator": "Is" }] }""")]
    [TestCase("Cluster", "spec.backend.ports", """[{ "port": 53, "protocol": "UDP" }, { "port": 54, "protocol": "TCP" }]""")]
    [TestCase("Cluster", "spec.priority", "1001")]
    [TestCase("Cluster", "spec.priority", "-1001")]
    [TestCase("Cluster", "spec.onNoBackend", "\"keep\"")]
    [TestCase("Cluster", "spec.skipRedirectFromBackend", "\"yes\"")]
    [TestCase("Cluster", "spec.clientSelector", """{ "include": [{}] }""")]
    [TestCase("Cluster", "spec.clientSelector", """{ "exclude": [{ "hostProcesses": true, "pods": {} }] }""")]
    [TestCase("Cluster", "spec.clientSelector", """{ "exclude": [{ "hostProcesses": false }] }""")]
    [TestCase("Cilium", "spec.redirectFrontend", "{}")]
    [TestCase("Cilium", "spec.redirectFrontend.serviceMatcher", """{ "serviceName": "a", "namespace": "default" }""")]
    [TestCase("Cilium", "spec.redirectFrontend.addressMatcher.ip", "null")]
    [TestCase("Cilium", "spec.redirectFrontend.addressMatcher.toPorts", "[]")]
    [TestCase("Cilium", "spec.redirectFrontend.addressMatcher.toPorts.0.port", "\"0\"")]
    [TestCase("Cilium", "spec.redirectFrontend.addressMatcher.toPorts.0.port", "\"080\"")]
    [TestCase("Cilium", "spec.redirectFrontend.addressMatcher.toPorts.0.port", "\"65536\"")]
    [TestCase("Cilium", "spec.redirectFrontend.addressMatcher.toPorts.0.protocol", "null")]
    [TestCase("Cilium", "spec.redirectFrontend.addressMatcher.toPorts", """[{ "port": "80", "protocol": "TCP" }, { "port": "81", "protocol": "TCP" }]""")]
    [TestCase("Cilium", "spec.redirectBackend.toPorts", "[]")]
    [TestCase("Cilium", "spec.redirectBackend.localEndpointSelector", "null")]
    public void A_schema_and_the_library_refuse_the_same(string kind, string path, string value)
    {
        var item = JsonNode.Parse(kind == "Cluster" ? Lab.Policies.Cluster("a") : Lab.Policies.Cilium("a"))!.AsObject();
        var schema = Schema((string)item["kind"]!);
        Assert.That((StructuralSchema.Validate(schema, item).Count, IsTaken(item)), Is.EqualTo((0, true)), "as it was");
        JsonNode parent = item;
        var parts = path.Split('.');
        foreach (var part in parts[..^1])
            parent = (parent is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : parent[part])!;
        parent[parts[^1]] = JsonNode.Parse(value);
        Assert.That(StructuralSchema.Validate(schema, item), Is.Not.Empty, "the schema");
        Assert.That(IsTaken(item), Is.False, "the library");
    }

    [TestCase("65535", true)]
    [TestCase("65536", false)]
    [TestCase("65530", true)]
    [TestCase("64999", true)]
    [TestCase("59999", true)]
    [TestCase("60000", true)]
    [TestCase("9", true)]
    [TestCase("99999", false)]
    public void The_pattern_of_ports_is_that_of_the_library(string port, bool isPort)
    {
        var item = JsonNode.Parse(Lab.Policies.Cilium("a", port))!.AsObject();
        Assert.That((StructuralSchema.Validate(Schema("CiliumLocalRedirectPolicy"), item).Count == 0, IsTaken(item)), Is.EqualTo((isPort, isPort)));
    }

    private static bool IsTaken(JsonObject item) => ManifestReader.Read(item.ToJsonString(), "a.json") is { HasErrors: false, Objects.Length: 1 };

    private static IEnumerable<JsonObject> Policies(string file)
    {
        JsonObject[] items;
        try
        {
            items = Manifests.Read(file);
        }
        catch (YamlDotNet.Core.YamlException)
        {
            return []; // the library has tests with such files
        }

        return items.SelectMany(static item => item["items"] is JsonArray list ? list.OfType<JsonObject>() : [item])
            .Where(static item => item["kind"] is JsonValue kind && kind.ToString() is "CiliumLocalRedirectPolicy" or "ClusterLocalRedirectPolicy");
    }

    /// <summary>The paths of all fields of a schema.</summary>
    private static IEnumerable<string> Fields(JsonObject schema, string path)
    {
        foreach (var (name, child) in StructuralSchema.Children(schema))
        {
            var below = name is "[]" or "{}" ? path : $"{path}.{name}";
            if (below != path)
                yield return below;
            foreach (var field in Fields(child, below))
                yield return field;
        }
    }

    /// <summary>The paths of all fields of a model.</summary>
    private static IEnumerable<string> Fields(Type type, string path)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var of = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (of == typeof(ObjectMeta) || of == typeof(ObjectKind) || of == typeof(ObjectKey) || property.Name is nameof(LabelSelector.IsEmpty))
                continue;
            var name = property.Name is "IP" ? "ip" : char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            yield return $"{path}.{name}";
            if (of.IsGenericType && of.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
                of = of.GetGenericArguments()[0];
            if (of.Namespace != typeof(Service).Namespace || of.IsEnum)
                continue;
            foreach (var field in Fields(of, $"{path}.{name}"))
                yield return field;
        }
    }
}
