namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>Who comes first where several want to redirect, or serve, the same.</summary>
internal sealed class SiteRulesTests
{
    private const string Cluster = "10.96.0.1:80";
    private const string Metadata = "169.254.169.254:80";

    private static readonly Pod s_pod = Given.Pod();

    [Test]
    public void The_older_policy_comes_first_and_after_one_for_everybody_nothing_matters()
    {
        var (old, young) = (Given.AddressPolicy("z").Aged(1), Given.AddressPolicy("a").Aged(2));
        var outcome = Outcome.Of(Given.Node, young, old, s_pod);
        Assert.That(outcome.Redirects(Metadata), Is.EqualTo("z>10.1.0.7:8080/TCP"));
        Assert.That(outcome.Condition(young), Is.EqualTo(ObjectCondition.Conflict));
        Assert.That(outcome.Service("a:local-redirect")!.Frontends, Is.Empty);
        Assert.That(Outcome.Of(Given.Node, young, s_pod).Condition(young), Is.EqualTo(ObjectCondition.Active), "once the other is gone");
    }

    [Test]
    public void A_policy_without_a_backend_lets_the_next_one_have_the_dials()
    {
        var first = Given.ServicePolicy("a").Aged(1);
        first = first with { Backend = first.Backend with { LocalEndpointSelector = Given.Selector("app", "none") } };
        var second = Given.ServicePolicy("b");
        Assert.That(Outcome.Of(Given.Node, Given.Service(), first, second, s_pod).Redirects(Cluster), Is.EqualTo("b>10.1.0.7:8080/TCP"));
        var dropping = first.Annotated(CiliumLocalRedirectPolicy.OnNoBackendAnnotation, "drop");
        var outcome = Outcome.Of(Given.Node, Given.Service(), dropping, second, s_pod);
        Assert.That(outcome.Redirects(Cluster), Is.EqualTo("a>"));
        Assert.That(outcome.Condition(second), Is.EqualTo(ObjectCondition.Conflict));
    }

    [TestCase(0, "cluster>10.1.0.7:80/TCP")]
    [TestCase(1, "cluster>10.1.0.7:80/TCP")]
    [TestCase(-1, "local>10.1.0.7:8080/TCP")]
    public void Clusterwide_policies_come_before_others_of_their_priority(int priority, string expected)
    {
        var clusterwide = Given.ClusterPolicy("cluster") with { Priority = priority };
        Assert.That(Outcome.Of(Given.Node, Given.AddressPolicy().Aged(1), clusterwide, s_pod).Redirects(Metadata), Is.EqualTo(expected));
    }

    [Test]
    public void An_address_of_a_service_stays_with_it()
    {
        var policy = Given.AddressPolicy("local", "10.96.0.1");
        var outcome = Outcome.Of(Given.Node, Given.Service().Aged(9), policy.Aged(1), s_pod);
        Assert.That(outcome.Frontend(Cluster).Type, Is.EqualTo(FrontendType.ClusterIP));
        Assert.That(outcome.Frontend(Cluster).Redirects, Is.Empty);
        Assert.That(outcome.Condition(policy), Is.EqualTo(ObjectCondition.Conflict));
        Assert.That(Outcome.Of(Given.Node, policy, s_pod).Condition(policy), Is.EqualTo(ObjectCondition.Active), "once the service is gone");
    }

    [TestCase(null, false)]
    [TestCase("127.0.0.1", true)]
    [TestCase("192.0.2.1", false)]
    [TestCase("192.0.2.9", true)]
    public void A_host_port_that_is_served_on_an_address_of_the_node_stays_there(string? hostIP, bool isFree)
    {
        var policy = Given.AddressPolicy("local", "192.0.2.1");
        var pod = Given.Pod("cache", new ContainerPort { Port = 8080, HostPort = 80, HostIP = hostIP });
        Assert.That(Outcome.Of(Given.Node, policy, pod).Condition(policy), Is.EqualTo(isFree ? ObjectCondition.Active : ObjectCondition.Conflict));
    }

    [Test]
    public void Ranges_are_not_stopped_by_services()
    {
        var policy = Given.ClusterPolicy("cluster", Given.Addresses("10.96.0.0/16", new ClusterFrontendPort { Port = 80 }));
        var outcome = Outcome.Of(Given.Node, Given.Service(), policy, s_pod);
        Assert.That(outcome.Ranges.Single().ToString(), Is.EqualTo("10.96.0.0/16:80/TCP"));
        Assert.That(outcome.Frontend(Cluster).Redirects, Is.Empty);
    }
}
