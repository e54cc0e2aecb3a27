namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>Who holds an address, and where a port of the node is served.</summary>
internal sealed class ClaimRulesTests
{
    private static readonly ContainerPort s_hostPort = new() { Port = 8080, HostPort = 80, HostIP = "203.0.113.1" };

    [Test]
    public void A_service_comes_before_a_host_port_however_old_that_is()
    {
        var pod = Given.Pod("cache", s_hostPort).Aged(1);
        var outcome = Outcome.Of(Given.Node, Given.Service().Aged(9), pod);
        Assert.That(outcome.Frontend("203.0.113.1:80").Type, Is.EqualTo(FrontendType.LoadBalancer));
        Assert.That(outcome.Condition(pod), Is.EqualTo(ObjectCondition.Conflict));
    }

    [Test]
    public void Of_two_pods_the_older_has_the_port_and_one_without_an_age_is_the_youngest()
    {
        var (a, b, c) = (Given.Pod("a", s_hostPort), Given.Pod("b", s_hostPort).Aged(2), Given.Pod("c", s_hostPort).Aged(1));
        var outcome = Outcome.Of(Given.Node, a, b, c);
        Assert.That(outcome.Frontends.Count(), Is.EqualTo(1));
        Assert.That(outcome.Condition(c), Is.EqualTo(ObjectCondition.Active));
        Assert.That(Outcome.Of(Given.Node, a, b).Condition(b), Is.EqualTo(ObjectCondition.Active));
    }

    [Test]
    public void Of_two_pods_of_the_same_age_the_first_by_name_has_the_port()
    {
        var (first, second) = (Given.Pod("a", s_hostPort), Given.Pod("a-b", s_hostPort));
        Assert.That(Outcome.Of(Given.Node, second, first).Condition(first), Is.EqualTo(ObjectCondition.Active));
    }

    [Test]
    public void Node_ports_collide_like_other_addresses()
    {
        var one = Given.Service(spec => spec with { ClusterIP = null, IPFamilies = [IPFamily.IPv4] }).Aged(1);
        var two = Make.Service("b", "10.96.0.2", new ServicePort { Port = 81, NodePort = 30080 }).Aged(2);
        two = two with { Spec = two.Spec with { Type = ServiceType.NodePort } };
        var outcome = Outcome.Of(Given.Node, one, two);
        Assert.That(outcome.Service("b"), Is.Null);
        Assert.That(outcome.Condition(two), Is.EqualTo(ObjectCondition.Conflict));
    }

    [Test]
    public void A_node_port_is_served_on_the_addresses_of_the_node_that_nobody_holds()
    {
        var service = Given.Service(spec => spec with { IPFamilies = [IPFamily.IPv4, IPFamily.IPv6], ExternalTrafficPolicy = TrafficPolicy.Local });
        var outcome = Outcome.Of(Given.Node, service);
        Assert.That(Served(outcome.Frontend("0.0.0.0:30080")), Is.EqualTo("192.0.2.1:30080/TCP"));
        Assert.That(Served(outcome.Frontend("[::]:30080", FrontendScope.Internal)), Is.EqualTo("[fd00::1]:30080/TCP"));
        Assert.That(Served(outcome.Frontend("203.0.113.1:80")), Is.Empty);
        var other = Make.Service("other", "192.0.2.1", new ServicePort { Port = 30080 });
        Assert.That(Served(Outcome.Of(Given.Node, service, other).Frontend("0.0.0.0:30080")), Is.Empty);
    }

    [Test]
    public void A_host_port_leaves_the_address_of_a_load_balancer_alone()
    {
        var service = Given.Service() with { Status = new() { LoadBalancerIngress = [new() { IP = "192.0.2.1" }] } };
        var outcome = Outcome.Of(Given.Node, service, Given.Pod("cache", new ContainerPort { Port = 8080, HostPort = 80 }));
        Assert.That(Served(outcome.Frontend("0.0.0.0:80")), Is.Empty);
        Assert.That(Served(outcome.Frontend("[::]:80")), Is.EqualTo("[fd00::1]:80/TCP"));
    }

    private static string Served(Frontend frontend) => string.Join(' ', frontend.NodeAddresses);
}
