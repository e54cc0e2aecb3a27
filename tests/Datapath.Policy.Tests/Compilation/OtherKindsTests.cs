using Datapath.Policy.Tests.Manifests;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>Kinds that are read and not compiled yet do not matter to the compiler.</summary>
internal sealed class OtherKindsTests
{
    private static readonly KubernetesObject[] s_others =
    [
        .. Manifest.Read(Manifest.Pod + "---\n" + Manifest.Node + "---\n" + Manifest.CiliumPolicy + "---\n" + Manifest.ClusterPolicy).Objects,
        new Namespace { Metadata = new() { Name = "web" } },
        new Pod { Metadata = new() { Name = "Not a name" } },
    ];

    [Test]
    public void They_change_nothing_and_have_no_status()
    {
        var compiler = Make.Compiler(Make.Service("web"), Make.Slice("s", "web", Make.Endpoint("10.0.0.1")));
        var before = compiler.State;
        Assert.That(s_others, Has.Length.EqualTo(6));
        var result = compiler.Apply(ObjectBatch.Upsert(s_others));
        Assert.That(result.Changes.IsEmpty);
        Assert.That(result.Statuses, Is.Empty);
        Assert.That(compiler.State, Is.SameAs(before));
        Assert.That(compiler.TryGetStatus(s_others[0].Key, out _), Is.False);
    }

    [Test]
    public void Deleting_one_does_not_delete_a_service_of_the_same_name()
    {
        var pod = new Pod { Metadata = new() { Name = "web" } };
        var compiler = Make.Compiler(Make.Service("web"), pod);
        Assert.That(compiler.Apply(ObjectBatch.Delete([pod.Key, .. s_others.Select(item => item.Key)])).Changes.IsEmpty);
        Assert.That(compiler.Find("web"), Is.Not.Null);
    }

    [Test]
    public void Keys_of_kinds_in_no_namespace_have_none()
    {
        var node = new Node { Metadata = new() { Name = "node-a" } };
        Assert.That(node.Key.ToString(), Is.EqualTo("Node node-a"));
        Assert.That((node with { Metadata = node.Metadata with { Namespace = "x" } }).Key, Is.EqualTo(node.Key));
    }
}
