using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>Which frontends a service has.</summary>
internal sealed class FrontendRulesTests
{
    [Test]
    public void A_load_balancer_has_its_cluster_address_its_node_port_and_its_ingress_address() => Assert.That(
        Outcome.Of(Given.Node, Given.Service()).Listing,
        Is.EqualTo(new[] { "10.96.0.1:80/TCP ClusterIP", "0.0.0.0:30080/TCP NodePort", "203.0.113.1:80/TCP LoadBalancer" }));

    [Test]
    public void Node_ports_come_for_the_families_of_the_service_IPv4_first() => Assert.That(
        Outcome.Of(Given.Node, Given.Service(spec => spec with { ClusterIP = null, IPFamilies = [IPFamily.IPv6, IPFamily.IPv4] })).Listing,
        Is.EqualTo(new[] { "0.0.0.0:30080/TCP NodePort", "[::]:30080/TCP NodePort", "203.0.113.1:80/TCP LoadBalancer" }));

    [Test]
    public void Policies_that_differ_give_a_frontend_for_each_scope() => Assert.That(
        Outcome.Of(Given.Node, Given.Service(spec => spec with { ExternalTrafficPolicy = TrafficPolicy.Local, ExternalIPs = ["203.0.113.2"] })).Listing,
        Is.EqualTo(new[]
        {
            "10.96.0.1:80/TCP ClusterIP", "0.0.0.0:30080/TCP NodePort", "0.0.0.0:30080/TCP/i NodePort", "203.0.113.1:80/TCP LoadBalancer",
            "203.0.113.1:80/TCP/i LoadBalancer", "203.0.113.2:80/TCP ExternalIPs",
        }));

    [Test]
    public void An_address_that_is_there_twice_is_made_once() => Assert.That(
        Outcome.Of(Given.Node, Given.Service(spec => spec with { ExternalIPs = ["203.0.113.1", "10.96.0.1"] })).Listing,
        Is.EqualTo(new[] { "10.96.0.1:80/TCP ClusterIP", "0.0.0.0:30080/TCP NodePort", "203.0.113.1:80/TCP LoadBalancer" }));

    [TestCase("ClusterIP", "10.96.0.1:80/TCP ClusterIP")]
    [TestCase("NodePort", "0.0.0.0:30080/TCP NodePort")]
    [TestCase("LoadBalancer", "203.0.113.1:80/TCP LoadBalancer")]
    public void The_type_annotation_keeps_one_type(string type, string expected)
    {
        var service = Given.Service(spec => spec with { ExternalIPs = ["203.0.113.2"] }, (ServiceAnnotations.TypeAnnotation, type));
        Assert.That(Outcome.Of(Given.Node, service).Listing, Is.EqualTo(new[] { expected }));
    }

    [Test]
    public void What_is_switched_off_has_no_frontends()
    {
        var service = Given.Service(spec => spec with { ExternalIPs = ["203.0.113.2", "fd99::2"] });
        Assert.That(
            Outcome.Of(Given.Node with { KubeProxyReplacement = false, EnableExternalIPs = false }, service).Listing,
            Is.EqualTo(new[] { "10.96.0.1:80/TCP ClusterIP", "203.0.113.1:80/TCP LoadBalancer" }));
        Assert.That(Outcome.Of(Given.Node with { EnableIPv4 = false }, service).Listing, Is.EqualTo(new[] { "[fd99::2]:80/TCP ExternalIPs" }));
    }

    [Test]
    public void A_proxy_takes_its_ingress_address_itself()
    {
        var service = Given.Service() with { Status = new() { LoadBalancerIngress = [new() { IP = "203.0.113.1", IPMode = IPMode.Proxy }] } };
        Assert.That(Outcome.Of(Given.Node, service).Listing, Has.Length.EqualTo(2));
    }

    [TestCase(30081, true, 0)]
    [TestCase(30081, false, 1)]
    [TestCase(80, true, 1)]
    public void Node_ports_keep_their_range_on_the_addresses_of_the_node(int port, bool isProxy, int count)
    {
        var service = Given.Service(spec => spec with { Ports = [new() { Port = port }], ClusterIP = null, ExternalIPs = ["192.0.2.1"] });
        var outcome = Outcome.Of(Given.Node with { KubeProxyReplacement = isProxy }, service with { Status = ServiceStatus.Empty });
        Assert.That(outcome.Listing, Has.Length.EqualTo(count));
        Assert.That(outcome.Condition(service), Is.EqualTo(count == 0 ? ObjectCondition.Accepted : ObjectCondition.NoBackends));
    }

    [TestCase(ServiceAnnotations.NodeAnnotation, "x", true)]
    [TestCase(ServiceAnnotations.NodeAnnotation, "y", false)]
    [TestCase(ServiceAnnotations.NodeSelectorAnnotation, "tier!=y", true)]
    [TestCase(ServiceAnnotations.NodeSelectorAnnotation, "tier", false)]
    public void A_service_may_be_for_other_nodes(string annotation, string value, bool isHere)
    {
        var service = Given.Service(null, (annotation, value));
        var labels = ImmutableDictionary<string, string>.Empty.Add(ServiceAnnotations.NodeAnnotation, "x");
        var outcome = Outcome.Of(Given.Node with { Labels = labels }, service);
        Assert.That(outcome.Service("web") is not null, Is.EqualTo(isHere));
        Assert.That(outcome.Condition(service), Is.EqualTo(isHere ? ObjectCondition.NoBackends : ObjectCondition.Skipped));
        var node = new Node { Metadata = new() { Name = "node-a", Labels = labels } };
        Assert.That(Outcome.Of(Given.Node, service, node).Service("web") is not null, Is.EqualTo(isHere), "the labels of the node object");
    }
}
