using Datapath.Policy.Tests.Compilation.Rules;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>Which pods a change set tells.</summary>
internal sealed class LocalPodChangeTests
{
    private static readonly PodName s_name = new("default", "cache");
    private PolicyCompiler _compiler = null!;

    [SetUp]
    public void Start()
    {
        _compiler = new(Given.Node);
        var changes = Apply(Given.Pod(), Given.Pod("other"));
        Assert.That(changes.Pods.Select(static pod => pod.Name.Name), Is.EquivalentTo(new[] { "cache", "other" }));
    }

    [Test]
    public void A_pod_that_is_as_it_was_for_the_datapath_is_not_told()
    {
        var pod = Given.Pod();
        var changes = Apply(pod with { Status = pod.Status with { Conditions = [] } });
        Assert.That((changes.IsEmpty, changes.Pods.IsEmpty), Is.EqualTo((true, true)));
    }

    [Test]
    public void A_pod_that_gets_another_address_is_told_alone()
    {
        var pod = Given.Pod();
        var changes = Apply(pod with { Status = pod.Status with { PodIPs = ["10.1.0.8"] } });
        Assert.That(changes.Pods.Select(static item => $"{item.Name} {string.Join(' ', item.Addresses)}"), Is.EqualTo(new[] { "default/cache 10.1.0.8" }));
        Assert.That((changes.IsEmpty, changes.RemovedPods.IsEmpty), Is.EqualTo((false, true)));
        Assert.That(_compiler.State.Pods[s_name], Is.EqualTo(changes.Pods.Single()));
    }

    [Test]
    public void A_pod_that_is_deleted_is_told_as_removed()
    {
        var changes = _compiler.Apply(ObjectBatch.Delete(Given.Pod().Key)).Changes;
        Assert.That((changes.RemovedPods.Single(), changes.Pods.Length, changes.IsEmpty), Is.EqualTo((s_name, 0, false)));
        Assert.That(_compiler.State.Pods.Keys, Is.EqualTo(new[] { new PodName("default", "other") }));
    }

    [Test]
    public void A_pod_that_is_deleted_and_back_in_one_batch_is_told_as_what_it_is_then()
    {
        var again = Given.Pod().With(static meta => meta with { Uid = "8" });
        var changes = _compiler.Apply(new ObjectBatch([again], [again.Key], [])).Changes;
        Assert.That((changes.Pods.Single().Uid, changes.RemovedPods.Length), Is.EqualTo(("8", 0)));
    }

    [Test]
    public void When_the_node_is_another_its_pods_are_others()
    {
        var changes = _compiler.Apply(Given.Node with { Name = "node-b" }).Changes;
        Assert.That(changes.RemovedPods, Has.Length.EqualTo(2));
        Assert.That(_compiler.State.Pods, Is.Empty);
    }

    [Test]
    public void When_a_namespace_wants_dials_left_alone_those_of_its_pods_change_that_leave_it_to_it()
    {
        Apply(Given.Pod("own").Annotated(Pod.SocketLbAnnotation, "enabled"), Given.Pod("elsewhere").With(static meta => meta with { Namespace = "shop" }));
        var space = new Namespace { Metadata = Make.Labelled("default", Pod.SocketLbAnnotation, "disabled") };
        Assert.That(Exempt(Apply(space)), Is.EqualTo(new[] { "cache", "other" }));
        Assert.That(Apply(space.Annotated("example.com/x", "y")).IsEmpty);
        var without = _compiler.Apply(ObjectBatch.Delete(space.Key)).Changes;
        Assert.That((without.Pods.Length, Exempt(without).Length), Is.EqualTo((2, 0)));
    }

    private static string[] Exempt(ChangeSet changes) => [.. changes.Pods.Where(static pod => pod.IsExempt).Select(static pod => pod.Name.Name).Order()];

    private ChangeSet Apply(params ReadOnlySpan<KubernetesObject> objects) => _compiler.Apply(ObjectBatch.Upsert(objects)).Changes;
}
