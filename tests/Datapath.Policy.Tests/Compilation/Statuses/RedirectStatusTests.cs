using Datapath.Policy.Tests.Compilation.Rules;

namespace Datapath.Policy.Tests.Compilation.Statuses;

/// <summary>What a redirect policy is told of what became of it.</summary>
[TestFixture]
internal sealed class RedirectStatusTests
{
    private static readonly Service s_other = Make.Service("other", "10.96.0.2");
    private static readonly Pod s_ipv4Pod = Given.Pod() with { Status = Given.Pod().Status with { PodIPs = ["10.1.0.7"] } };

    private static RedirectBuilder Policy => new RedirectBuilder("local", "default", "app=cache").ToPort(8080);

    [Test]
    public void Frontends_that_are_refused_are_told_beside_those_that_are_redirected()
    {
        var status = StatusOf(Policy.Service("default", "web").DropWithoutBackend(), Given.ClusterService(), s_ipv4Pod);
        Assert.That(status.Message, Is.EqualTo("redirects 1 frontend to 1 pod; none of 1 pod has an address of IPv6: dials to 1 frontend are refused"));
        Assert.That((status.Condition, status.Frontends, status.IsPartial), Is.EqualTo((ObjectCondition.Active, 2, true)));
    }

    [Test]
    public void Frontends_that_are_left_alone_are_told_too()
    {
        var status = StatusOf(Policy.Service("default", "web"), Given.ClusterService(), s_ipv4Pod);
        Assert.That(
            status.Message,
            Is.EqualTo("redirects 1 frontend to 1 pod; none of 1 pod has an address of IPv6: dials to 1 frontend go where they would without the policy"));
        Assert.That((status.Condition, status.Frontends, status.IsPartial), Is.EqualTo((ObjectCondition.Active, 1, true)));
    }

    [Test]
    public void All_that_it_asks_for_is_not_in_part()
    {
        var status = StatusOf(Policy.Service("default", "web"), Given.ClusterService(), Given.Pod());
        Assert.That((status.Message, status.IsPartial), Is.EqualTo(("redirects 2 frontends to 1 pod", false)));
    }

    [Test]
    public void A_range_of_another_family_than_the_pods_says_so() => Assert.That(
        StatusOf(Policy.Address("fd00::/64", 80), s_ipv4Pod).Message,
        Is.EqualTo("none of 1 pod has an address of IPv6: dials to 1 frontend go where they would without the policy"));

    [Test]
    public void A_backend_address_of_another_family_says_so() => Assert.That(
        StatusOf(
            Policy.Address("169.254.169.254", 80).With(static policy => policy with { Backend = policy.Backend with { BackendAddress = "fd00::1" } }),
            Given.Pod()).Message,
        Is.EqualTo("its backendAddress is not of IPv4: dials to 1 frontend go where they would without the policy"));

    [Test]
    public void Pods_without_a_port_that_fits_say_so()
    {
        var policy = Given.AddressPolicy();
        var status = Make.Compiler(policy, Given.Pod(ports: new ContainerPort { Port = 1 })).Status(policy);
        Assert.That(
            (status.Message, status.LacksPort),
            Is.EqualTo(("none of 1 pod has a port that fits: dials to 1 frontend go where they would without the policy", true)));
        Assert.That(Make.Compiler(policy).Status(policy).LacksPort, Is.False, "it lacks pods");
    }

    [Test]
    public void A_loser_is_told_whether_the_winner_redirects_or_refuses()
    {
        var loser = Policy.Address("169.254.169.254", 80);
        var winner = Given.ClusterPolicy("first") with { Priority = 1 };
        Assert.That(StatusOf(loser, Given.Pod(), winner).Message, Is.EqualTo("169.254.169.254:80/TCP is redirected by policy first, which comes first"));
        winner = winner with { OnNoBackend = NoBackendAction.Drop, Backend = winner.Backend with { Selector = Given.Selector("app", "none") } };
        Assert.That(StatusOf(loser, Given.Pod(), winner).Message, Is.EqualTo("169.254.169.254:80/TCP is refused by policy first, which comes first"));
    }

    [Test]
    public void A_range_that_is_lost_to_a_wider_one_is_told_as_it_is_written()
    {
        var wider = Given.ClusterPolicy("first", Given.Addresses("10.0.0.0/8", new ClusterFrontendPort { Port = 80 })) with { Priority = 1 };
        Assert.That(
            StatusOf(Policy.Address("10.1.0.0/16", 80), Given.Pod(), wider).Message, Is.EqualTo("10.1.0.0/16:80/TCP is redirected by policy first, which comes first"));
    }

    [Test]
    public void A_part_that_is_lost_shows_although_the_policy_is_active()
    {
        var status = StatusOf(Policy.Address("10.96.0.2", 80).Address("10.96.0.3", 80), s_other, Given.Pod());
        Assert.That(
            status.Message,
            Is.EqualTo("redirects 1 frontend to 1 pod; 10.96.0.2:80/TCP belongs to service default/other: name the service instead (spec.frontends[].service)"));
        Assert.That((status.Condition, status.IsPartial), Is.EqualTo((ObjectCondition.Active, true)));
    }

    [Test]
    public void An_address_that_is_taken_is_told_without_a_ready_pod_too()
    {
        var policy = Given.AddressPolicy(ip: "10.96.0.2");
        var status = Make.Compiler(policy, s_other).Status(policy);
        Assert.That(
            $"{status.Condition}: {status.Message}",
            Is.EqualTo("Conflict: 10.96.0.2:80/TCP belongs to service default/other: match the service instead (spec.redirectFrontend.serviceMatcher)"));
    }

    [Test]
    public void The_way_out_follows_the_service()
    {
        var policy = Given.AddressPolicy(ip: "10.96.0.2");
        var service = s_other with
        {
            Spec = s_other.Spec with { Type = ServiceType.LoadBalancer },
            Status = new() { LoadBalancerIngress = [new() { IP = "10.96.0.2" }] },
        };
        var compiler = Make.Compiler(policy, service);
        compiler.Apply(ObjectBatch.Upsert(service.Annotated("service.cilium.io/type", "LoadBalancer")));
        Assert.That(compiler.Status(policy).Message, Is.EqualTo("10.96.0.2:80/TCP belongs to service default/other"));
    }

    private static ObjectStatus StatusOf(RedirectBuilder policy, params ReadOnlySpan<KubernetesObject> others) =>
        Make.Compiler([policy.Build(), .. others]).Status(policy.Build());
}
