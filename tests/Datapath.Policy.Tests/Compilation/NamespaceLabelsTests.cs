using System.Collections.Immutable;
using Datapath.Policy.Tests.Compilation.Rules;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>What a namespace changes, and when it changes nothing.</summary>
internal sealed class NamespaceLabelsTests
{
    private static readonly ImmutableDictionary<string, string> s_none = ImmutableDictionary<string, string>.Empty;

    [Test]
    public void Labels_that_are_as_they_were_are_told_from_others()
    {
        var labels = new NamespaceLabels();
        Assert.Multiple(() =>
        {
            Assert.That(labels.Set("a", s_none.Add("team", "x")));
            Assert.That(labels.Set("a", s_none.Add("team", "x")), Is.False);
            Assert.That(labels.Set("b", s_none.Add("team", "x")), "another namespace");
            Assert.That(labels.Set("a", s_none.Add("team", "y")));
            Assert.That(labels.Set("a", labels: null));
            Assert.That(labels.Set("a", labels: null), Is.False);
        });
    }

    [Test]
    public void A_namespace_without_labels_is_as_one_that_is_not_known()
    {
        var labels = new NamespaceLabels();
        Assert.That(labels.Set("a", s_none), Is.False);
        Assert.That(labels.Set("a", s_none.Add(Namespace.NameLabel, "a")), Is.False);
        Assert.That(labels.Set("a", labels: null), Is.False);
    }

    [Test]
    public void Clients_follow_the_labels_of_their_namespace()
    {
        var policy = Given.ClusterPolicy() with { ClientSelector = new() { Include = [new() { Namespaces = Given.Selector("team", "x") }] } };
        var compiler = new PolicyCompiler(Given.Node);
        compiler.Apply(ObjectBatch.Upsert(Given.Pod("cache"), policy));
        var space = new Namespace { Metadata = Make.Labelled("default", "team", "x") };
        Assert.That(Clients(compiler), Is.Empty);
        compiler.Apply(ObjectBatch.Upsert(space));
        Assert.That(Clients(compiler), Has.Length.EqualTo(1));
        Assert.That(compiler.Apply(ObjectBatch.Upsert(space)).Changes.IsEmpty);
        Assert.That(Clients(compiler), Has.Length.EqualTo(1));
        compiler.Apply(ObjectBatch.Empty with { Deleted = [space.Key] });
        Assert.That(Clients(compiler), Is.Empty);
    }

    private static ImmutableArray<PodName> Clients(PolicyCompiler compiler) =>
        compiler.State.Services[new("", "local:local-redirect")].Frontends.Single().Redirects.Single().Clients.Pods;
}
