using Datapath.Policy.Tests.Compilation.Rules;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>What a compiler does not take, it refuses before anything changes.</summary>
internal sealed class ArgumentTests
{
    private static IEnumerable<TestCaseData> Configurations() =>
    [
        new(new NodeConfiguration { MaglevTableSize = 0 }, "MaglevTableSize: 0 must be a prime"),
        new(new NodeConfiguration { MaglevTableSize = -5 }, "MaglevTableSize: -5 must be a prime"),
        new(new NodeConfiguration { MaglevTableSize = 16383 }, "MaglevTableSize: 16383 must be a prime"),
        new(new NodeConfiguration { NodePortRange = new(32767, 30000) }, "NodePortRange: 32767-30000 must begin with 1 or more and must not end before that"),
        new(new NodeConfiguration { Name = null! }, "Name: null must be a name"),
        new(new NodeConfiguration { Labels = null! }, "Labels: null must be a dictionary"),
        new(new NodeConfiguration { Addresses = [default] }, "Addresses: null must be an address"),
        new(new NodeConfiguration { Algorithm = (LoadBalancingAlgorithm)9 }, "Algorithm: 9 is not known"),
    ];

    [TestCaseSource(nameof(Configurations))]
    public void A_wrong_configuration_is_named_with_property_and_value(NodeConfiguration node, string reason)
    {
        Assert.That(() => new PolicyCompiler(node), Throws.ArgumentException.With.Message.StartsWith(reason));
        var compiler = new PolicyCompiler(Given.Node);
        Assert.That(() => compiler.Apply(node), Throws.ArgumentException.With.Message.StartsWith(reason).And.Property("ParamName").EqualTo("node"));
        Assert.That(compiler.Node, Is.SameAs(Given.Node));
    }

    [Test]
    public void A_batch_with_an_object_without_identity_is_not_applied()
    {
        var compiler = new PolicyCompiler(Given.Node);
        Assert.Multiple(() =>
        {
            foreach (var (item, missing) in new (KubernetesObject, string)[]
            {
                (new Namespace { Metadata = null! }, "Upserted[1].Metadata must not be null"),
                (new Pod { Metadata = new() { Name = null! } }, "Upserted[1].Metadata.Name must not be null"),
                (null!, "Upserted[1] must not be null"),
            })
                Assert.That(() => compiler.Apply(ObjectBatch.Upsert(Given.Service(), item)), Throws.ArgumentException.With.Message.StartsWith(missing));
        });
        Assert.That(compiler.Statuses, Is.Empty);
        Assert.That(compiler.State.Services, Is.Empty);
    }

    [Test]
    public void A_batch_that_lacks_a_list_or_a_name_is_not_applied_either()
    {
        var compiler = new PolicyCompiler(Given.Node);
        Assert.Multiple(() =>
        {
            foreach (var (batch, missing) in new (ObjectBatch, string)[]
            {
                (ObjectBatch.Upsert(Given.Service()) with { Deleted = default }, "Deleted must be an array, empty for none: a default one is null inside"),
                (ObjectBatch.Upsert(Given.Service()) with { Deleted = [default] }, "Deleted[0].Namespace must not be null"),
                (ObjectBatch.Upsert(Given.Service()) with { Refused = [null!] }, "Refused[0] must not be null"),
            })
            {
                Assert.That(batch.FindFlaw(), Is.EqualTo(missing));
                Assert.That(() => compiler.Apply(batch), Throws.ArgumentException.With.Message.StartsWith(missing).And.Property("ParamName").EqualTo("batch"));
            }
        });
        Assert.That(compiler.Statuses, Is.Empty);
        Assert.That(ObjectBatch.Upsert(Given.Service()).FindFlaw(), Is.Null);
    }

    [Test]
    public void What_comes_again_as_it_was_costs_next_to_nothing()
    {
        KubernetesObject[] objects = [Given.ClusterService(), Given.Slice(Given.Endpoint("10.1.0.1")), Given.Pod(), Given.ClusterPolicy()];
        var compiler = new PolicyCompiler(Given.Node);
        compiler.Apply(ObjectBatch.Upsert(objects));
        var again = ObjectBatch.Upsert([Given.ClusterService(), Given.Slice(Given.Endpoint("10.1.0.1")), Given.Pod(), Given.ClusterPolicy()]);
        var result = compiler.Apply(again);
        Assert.That((result.Changes.IsEmpty, result.Statuses.Length), Is.EqualTo((true, 0)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        compiler.Apply(again);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2000));
    }
}
