namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>What the datapath has to know of the frontends of a service.</summary>
internal sealed class FlagRulesTests
{
    private const string Cluster = "10.96.0.1:80";
    private const string NodePort = "0.0.0.0:30080";
    private const string Ingress = "203.0.113.1:80";

    [Test]
    public void Plain_frontends_have_their_type_and_are_routable_if_they_are_for_the_world()
    {
        Assert.That(Flags(Cluster, Given.Node), Is.EqualTo(FrontendFlags.None));
        Assert.That(Flags(NodePort, Given.Node), Is.EqualTo(FrontendFlags.NodePort));
        Assert.That(Flags(Ingress, Given.Node), Is.EqualTo(FrontendFlags.LoadBalancer | FrontendFlags.Routable));
        Assert.That(Flags(Cluster, Given.Node with { ExternalClusterIP = true }), Is.EqualTo(FrontendFlags.Routable));
    }

    [Test]
    public void The_policies_of_the_service_are_on_all_of_its_frontends()
    {
        var service = Given.Service(spec => spec with { InternalTrafficPolicy = TrafficPolicy.Local });
        Assert.That(Flags(Cluster, Given.Node, service), Is.EqualTo(FrontendFlags.InternalLocal));
        Assert.That(Flags(NodePort, Given.Node, service), Is.EqualTo(FrontendFlags.NodePort | FrontendFlags.InternalLocal | FrontendFlags.TwoScopes));
    }

    [TestCase(Cluster, false, FrontendFlags.None)]
    [TestCase(Cluster, true, FrontendFlags.CheckSourceRange | FrontendFlags.SourceRangeDeny)]
    [TestCase(Ingress, false, FrontendFlags.CheckSourceRange | FrontendFlags.SourceRangeDeny)]
    public void Source_ranges_are_checked_where_traffic_comes_from_outside(string address, bool allTypes, FrontendFlags expected)
    {
        var service = Given.Service(
            spec => spec with { LoadBalancerSourceRanges = ["fd00::/8", " 192.0.2.7/24"] }, (ServiceAnnotations.SourceRangesPolicyAnnotation, "deny"));
        var frontend = Outcome.Of(Given.Node with { SourceRangeAllTypes = allTypes }, service).Frontend(address);
        Assert.That(frontend.Flags & (FrontendFlags.CheckSourceRange | FrontendFlags.SourceRangeDeny), Is.EqualTo(expected));
        Assert.That(frontend.SourceRanges.Select(range => $"{range}"), Is.EqualTo(new[] { "192.0.2.0/24" }), "they are there in any case");
    }

    [Test]
    public void Session_affinity_has_its_time()
    {
        var frontend = Outcome.Of(Given.Node, Given.Service(spec => spec with { SessionAffinity = SessionAffinity.ClientIP })).Frontend(Cluster);
        Assert.That((frontend.Flags, frontend.AffinitySeconds), Is.EqualTo((FrontendFlags.SessionAffinity, 10800)));
    }

    [Test]
    public void A_service_may_be_left_to_a_proxy()
    {
        var service = Given.Service(null, (ServiceAnnotations.ProxyDelegationAnnotation, "delegate-if-local"));
        Assert.That(Flags(NodePort, Given.Node, service), Is.EqualTo(FrontendFlags.NodePort | FrontendFlags.LoopbackOrDelegate));
        Assert.That(Outcome.Of(Given.Node, service).Frontend(NodePort).NodeAddresses, Has.Length.EqualTo(1));
    }

    [TestCase(ForwardingDefault.Hybrid, false, true)]
    [TestCase(ForwardingDefault.Snat, false, false)]
    [TestCase(ForwardingDefault.Dsr, true, false)]
    public void Direct_return_is_the_nodes_choice_or_if_allowed_the_services(ForwardingDefault forwarding, bool isAllowed, bool expected)
    {
        var service = Given.Service(null, (ServiceAnnotations.ForwardingModeAnnotation, "snat"));
        var node = Given.Node with { Forwarding = forwarding, AllowForwardingAnnotation = isAllowed };
        Assert.That(Flags(Ingress, node, service).HasFlag(FrontendFlags.DirectServerReturn), Is.EqualTo(expected));
    }

    [TestCase(null, null)]
    [TestCase("whenBackendIsGone", StaleTcpPolicy.WhenBackendIsGone)]
    [TestCase("always", StaleTcpPolicy.Always)]
    [TestCase("never", StaleTcpPolicy.Never)]
    public void A_service_may_say_which_TCP_connections_are_ended(string? annotation, StaleTcpPolicy? expected)
    {
        var service = annotation is null ? Given.Service() : Given.Service(null, (ServiceAnnotations.StaleTcpAnnotation, annotation));
        var outcome = Outcome.Of(Given.Node, service);
        foreach (var address in new[] { Cluster, NodePort })
            Assert.That(outcome.Frontend(address).StaleTcp, Is.EqualTo(expected), address);
    }

    [TestCase(Cluster, null, false)]
    [TestCase(NodePort, null, true)]
    [TestCase(Cluster, "maglev", true)]
    [TestCase(NodePort, "random", false)]
    public void Maglev_is_for_traffic_from_outside_or_if_allowed_for_what_the_service_says(string address, string? annotation, bool expected)
    {
        var service = annotation is null ? Given.Service() : Given.Service(null, (ServiceAnnotations.AlgorithmAnnotation, annotation));
        var node = Given.Node with { Algorithm = LoadBalancingAlgorithm.Maglev, AllowAlgorithmAnnotation = true };
        var frontend = Outcome.Of(node, service).Frontend(address);
        Assert.That(frontend.UsesMaglev, Is.EqualTo(expected));
        Assert.That(frontend.Algorithm is null, Is.EqualTo(annotation is null));
        Assert.That(Outcome.Of(node with { AllowAlgorithmAnnotation = false }, service).Frontend(address).Algorithm, Is.Null);
    }

    [TestCase(null, true, true)]
    [TestCase(null, false, false)]
    [TestCase("io.cilium/l2-announcer", false, true)]
    [TestCase("example.com/lb", true, false)]
    public void Other_ports_of_an_address_are_guarded_if_the_load_balancer_is_this_one(string? name, bool isDefault, bool expected)
    {
        var service = Given.Service(spec => spec with { LoadBalancerClass = name, ExternalIPs = ["203.0.113.2"] });
        var outcome = Outcome.Of(Given.Node with { DefaultLoadBalancerClass = isDefault }, service);
        Assert.That(outcome.Frontend(Cluster).GuardsAddress, Is.EqualTo(expected));
        Assert.That(outcome.Frontend(Ingress).GuardsAddress, Is.EqualTo(expected));
        Assert.That(outcome.Frontend("203.0.113.2:80").GuardsAddress, Is.False);
        Assert.That(Outcome.Of(Given.Node with { WildcardEntries = false }, service).Frontend(Cluster).GuardsAddress, Is.False);
    }

    [Test]
    public void Addresses_of_the_node_are_not_guarded()
    {
        var service = Given.Service() with { Status = new() { LoadBalancerIngress = [new() { IP = "192.0.2.9" }] } };
        Assert.That(Outcome.Of(Given.Node, service).Frontend("192.0.2.9:80").GuardsAddress, Is.False);
    }

    private static FrontendFlags Flags(string address, NodeConfiguration node, Service? service = null) =>
        Outcome.Of(node, service ?? Given.Service()).Frontend(address).Flags;
}
