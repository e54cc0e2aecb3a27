using System.Collections.Immutable;
using Datapath.Policy.Tests.Compilation.Rules;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>What is known of the node from its object and what from its configuration.</summary>
internal sealed class NodeObjectTests
{
    private static readonly Service s_service = Given.Service(spec => spec with { TrafficDistribution = TrafficDistribution.PreferSameZone });

    private static readonly EndpointSlice s_slice =
        Given.Slice(Given.Endpoint("10.1.0.1", zone: "zone-a"), Given.Endpoint("10.1.0.2", zone: "zone-b"));

    [Test]
    public void A_node_that_is_renamed_has_the_object_of_its_new_name()
    {
        var compiler = new PolicyCompiler(Given.Node with { Zone = null });
        compiler.Apply(ObjectBatch.Upsert(
            s_service, s_slice, new Node { Metadata = Make.Labelled("node-a", Node.ZoneLabel, "zone-a") },
            new Node { Metadata = Make.Labelled("node-b", Node.ZoneLabel, "zone-b") }));
        Assert.That(Backends(compiler), Is.EqualTo("10.1.0.1:8080/TCP"));
        compiler.Apply(compiler.Node with { Name = "node-b" });
        Assert.That(Backends(compiler), Is.EqualTo("10.1.0.2:8080/TCP"));
        compiler.Apply(compiler.Node with { Name = "node-c" });
        Assert.That(Backends(compiler), Is.EqualTo("10.1.0.1:8080/TCP 10.1.0.2:8080/TCP"));
    }

    [Test]
    public void The_zone_may_be_among_the_labels_of_the_configuration()
    {
        var labels = ImmutableDictionary<string, string>.Empty.Add(Node.ZoneLabel, "zone-b");
        var compiler = new PolicyCompiler(Given.Node with { Zone = null, Labels = labels });
        compiler.Apply(ObjectBatch.Upsert(s_service, s_slice, new Node { Metadata = Make.Labelled("node-a", Node.ZoneLabel, "zone-a") }));
        Assert.That(Backends(compiler), Is.EqualTo("10.1.0.2:8080/TCP"));
    }

    private static string Backends(PolicyCompiler compiler) =>
        string.Join(' ', compiler.Find("web")!.Frontends[0].Backends.Select(backend => backend.Address));
}
