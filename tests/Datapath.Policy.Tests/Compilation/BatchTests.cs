using Datapath.Policy.Tests.Compilation.Rules;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>One batch may say several things of one object; what counts is what is true after it.</summary>
internal sealed class BatchTests
{
    private static readonly ContainerPort s_hostPort = new() { Port = 8080, HostPort = 80 };

    [Test]
    public void A_policy_that_is_deleted_and_back_as_another_is_in_the_change_set_once()
    {
        var policy = Given.ServicePolicy();
        var compiler = new PolicyCompiler(Given.Node);
        compiler.Apply(ObjectBatch.Upsert(Given.AddressPolicy(), Given.Pod()));
        var result = compiler.Apply(new ObjectBatch([policy], [policy.Key], []));
        Assert.That(result.Changes.Upserted.Single().Frontends, Is.Empty);
        Assert.That(result.Changes.Removed, Is.Empty);
        Assert.That(compiler.Apply(ObjectBatch.Delete(policy.Key)).Changes.Removed, Has.Length.EqualTo(1));
        Assert.That(compiler.Statuses.Select(status => status.Object.Kind), Is.EqualTo(new[] { ObjectKind.Pod }));
    }

    [Test]
    public void A_pod_that_is_deleted_and_back_keeps_its_host_port()
    {
        var pod = Given.Pod("cache", s_hostPort);
        var compiler = new PolicyCompiler(Given.Node);
        compiler.Apply(ObjectBatch.Upsert(pod));
        Assert.That(compiler.Apply(new ObjectBatch([pod], [pod.Key], [])).Changes.IsEmpty);
        Assert.That(compiler.Apply(ObjectBatch.Upsert(Given.Pod(), pod)).Changes.IsEmpty, "without the port and with it");
        Assert.That(compiler.Apply(ObjectBatch.Delete(pod.Key)).Changes.Removed, Has.Length.EqualTo(1));
        Assert.That(compiler.Statuses, Is.Empty);
    }

    [Test]
    public void Which_of_two_lost_host_ports_is_named_does_not_depend_on_what_was_before()
    {
        ContainerPort[] ports = [new() { Port = 8080, HostPort = 81 }, new() { Port = 8080, HostPort = 80 }];
        KubernetesObject[] holders = [Given.Pod("a", ports[0]).Aged(1), Given.Pod("b", ports[1]).Aged(1)];
        var compiler = new PolicyCompiler(Given.Node);
        compiler.Apply(ObjectBatch.Upsert([.. holders, Given.Pod("cache", ports)]));
        compiler.Apply(ObjectBatch.Upsert(Given.Pod("cache", ports[1], ports[0])));
        var other = new PolicyCompiler(Given.Node);
        other.Apply(ObjectBatch.Upsert([.. holders, Given.Pod("cache", ports[1], ports[0])]));
        Assert.That(compiler.Status(Given.Pod()), Is.EqualTo(other.Status(Given.Pod())));
    }

    [Test]
    public void A_slice_of_no_service_that_comes_twice_has_one_status()
    {
        var slice = Make.Slice("s", "", Make.Endpoint("10.0.0.1"));
        var result = new PolicyCompiler(Given.Node).Apply(ObjectBatch.Upsert(slice, slice with { }));
        Assert.That(result.Statuses.Single().Condition, Is.EqualTo(ObjectCondition.Skipped));
    }

    [Test]
    public void A_slice_that_is_for_a_moment_of_no_service_has_no_new_status()
    {
        var slice = Make.Slice("s", "web", Make.Endpoint("10.0.0.1"));
        var compiler = Make.Compiler(slice);
        Assert.That(compiler.Apply(ObjectBatch.Upsert(Make.Slice("s", ""), slice)).Statuses, Is.Empty);
    }
}
