using System.Text.Json;
using System.Text.Json.Nodes;
using Datapath.Kubernetes.Tests.Deploy;
using Datapath.Operator.Rollouts;

namespace Datapath.Kubernetes.Tests.Rollouts;

/// <summary>The CRD of the operator's kind against what it reads and writes.</summary>
internal sealed class RolloutDefinitionTests
{
    private static readonly string s_folder = Path.Combine(Manifests.Root, "samples", "Operator", "deploy");

    private static JsonObject Definition => Manifests.Read(Path.Combine(s_folder, "rollouts.yaml")).Single()["spec"]!.AsObject();

    private static JsonObject Schema => Definition["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject();

    [Test]
    public void It_is_of_the_kind_that_is_followed()
    {
        Assert.That(StructuralSchema.Check(Schema), Is.Empty);
        Assert.That(((string?)Definition["group"], (string?)Definition["names"]!["plural"], (string?)Definition["versions"]![0]!["name"]),
            Is.EqualTo((Rollout.Kind.Group, Rollout.Kind.Plural, Rollout.Kind.Version)));
        Assert.That(Definition["versions"]![0]!["subresources"]!["status"], Is.Not.Null);
    }

    [Test]
    public void The_example_is_taken_by_the_schema_and_by_the_operator()
    {
        var example = Manifests.Read(Path.Combine(s_folder, "example.yaml")).Single();
        Assert.That(StructuralSchema.Validate(Schema, example), Is.Empty);
        Assert.That(RolloutCheck.Check(example.Deserialize(RolloutJson.Default.Rollout)!.Spec), Is.Empty);
    }

    [Test]
    public void The_fields_are_those_of_the_model()
    {
        Assert.That(Names(Schema["properties"]!["spec"]!), Is.EquivalentTo(Names(RolloutJson.Default.RolloutSpec)));
        Assert.That(Names(Schema["properties"]!["status"]!["properties"]!["applied"]!), Is.EquivalentTo(Names(RolloutJson.Default.RolloutSpec)));
        Assert.That(Names(Schema["properties"]!["status"]!), Is.EquivalentTo(Names(RolloutJson.Default.RolloutStatus)));
        Assert.That(Names(Schema["properties"]!["status"]!["properties"]!["conditions"]!["items"]!), Is.EquivalentTo(Names(RolloutJson.Default.RolloutCondition)));
        Assert.That(Schema["properties"]!["status"]!["properties"]!["phase"]!["enum"]!.AsArray().Select(static name => (string?)name), Is.EqualTo(Enum.GetNames<RolloutPhase>()));
    }

    private static IEnumerable<string> Names(JsonNode schema) => schema["properties"]!.AsObject().Select(static field => field.Key);

    private static IEnumerable<string> Names(System.Text.Json.Serialization.Metadata.JsonTypeInfo type) => type.Properties.Select(static field => field.Name);
}
