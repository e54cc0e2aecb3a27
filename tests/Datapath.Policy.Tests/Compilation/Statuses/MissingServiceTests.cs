using Datapath.Policy.Tests.Compilation.Rules;

namespace Datapath.Policy.Tests.Compilation.Statuses;

/// <summary>What a policy is told of a service of which there is nothing to redirect.</summary>
[TestFixture]
internal sealed class MissingServiceTests
{
    private readonly CiliumLocalRedirectPolicy _policy = Given.ServicePolicy();

    [Test]
    public void It_does_not_exist() => Assert.That(Told(), Is.EqualTo("NoBackends: service default/web does not exist"));

    [Test]
    public void It_is_rejected()
    {
        var service = Given.ClusterService();
        Assert.That(
            Told(service with { Spec = service.Spec with { ClusterIP = "nonsense", ClusterIPs = [] } }), Is.EqualTo("NoBackends: service default/web is rejected"));
    }

    [Test]
    public void It_is_in_conflict() => Assert.That(
        Told(Given.ClusterService(), Make.Service("a", "10.96.0.1").Aged(0)),
        Is.EqualTo("NoBackends: service default/web is in conflict (service default/a holds 10.96.0.1:80/TCP)"));

    [Test]
    public void It_is_headless() => Assert.That(
        Told(Make.Service("web", "None")), Is.EqualTo("NoBackends: service default/web is not served here: headless: it has no frontends"));

    [Test]
    public void It_has_other_ports() => Assert.That(
        Told(Given.ClusterService(new ServicePort { Port = 1, Protocol = L4Protocol.Udp })),
        Is.EqualTo("NoBackends: service default/web has no cluster address with such a port"));

    [Test]
    public void It_is_told_beside_one_that_is_there()
    {
        var policy = new RedirectBuilder("two", "default", "app=cache").Service("default", "web").Service("default", "typo").Build();
        var status = Make.Compiler(policy, Given.ClusterService(), Given.Pod()).Status(policy);
        Assert.That(status.Message, Is.EqualTo("redirects 2 frontends to 1 pod; service default/typo does not exist"));
        Assert.That((status.Condition, status.IsPartial), Is.EqualTo((ObjectCondition.Active, true)));
    }

    [Test]
    public void Many_are_counted()
    {
        var builder = new RedirectBuilder("many", "default", "app=cache");
        for (var i = 0; i < 5; i++)
            builder.Service("default", $"s{i}");
        Assert.That(
            Make.Compiler(builder.Build()).Status(builder.Build()).Message,
            Does.EndWith("; service default/s2 does not exist; 2 more services have nothing to redirect"));
    }

    [Test]
    public void What_changes_of_it_is_told()
    {
        var compiler = Make.Compiler(_policy, Given.Pod());
        compiler.Apply(ObjectBatch.Upsert(Given.ClusterService()));
        Assert.That(compiler.Status(_policy).Message, Is.EqualTo("redirects 2 frontends to 1 pod"));
        compiler.Apply(ObjectBatch.Upsert(Make.Service("web", "None")));
        Assert.That(compiler.Status(_policy).Message, Does.Contain("headless"));
        compiler.Apply(new ObjectBatch([], [Given.ClusterService().Key], []));
        Assert.That(compiler.Status(_policy).Message, Is.EqualTo("service default/web does not exist"));
    }

    private string Told(params ReadOnlySpan<KubernetesObject> others)
    {
        var status = Make.Compiler([_policy, Given.Pod(), .. others]).Status(_policy);
        return $"{status.Condition}: {status.Message}";
    }
}
