using System.Net;

namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>Which endpoints of a service are behind a frontend.</summary>
internal sealed class EndpointRulesTests
{
    private const string Cluster = "10.96.0.1:80";
    private const string HealthAnnotation = "example.com/health";

    private static readonly EndpointSlice s_slice =
        Given.Slice(Given.Endpoint("10.1.0.1", "node-a", "zone-a"), Given.Endpoint("10.1.0.2", "node-b", "zone-b"), Given.Endpoint("10.1.0.3", null, "zone-b"));

    [TestCase(Cluster, FrontendScope.External, "10.1.0.1:8080/TCP 10.1.0.2:8080/TCP 10.1.0.3:8080/TCP")]
    [TestCase("203.0.113.1:80", FrontendScope.External, "10.1.0.1:8080/TCP 10.1.0.3:8080/TCP")]
    [TestCase("203.0.113.1:80", FrontendScope.Internal, "10.1.0.1:8080/TCP 10.1.0.2:8080/TCP 10.1.0.3:8080/TCP")]
    public void Local_policies_keep_endpoints_of_this_node_and_of_none(string address, FrontendScope scope, string expected)
    {
        var service = Given.Service(spec => spec with { ExternalTrafficPolicy = TrafficPolicy.Local });
        Assert.That(Outcome.Of(Given.Node, service, s_slice).Backends(address, scope), Is.EqualTo(expected));
    }

    [TestCase(TrafficDistribution.PreferClose, "10.1.0.1:8080/TCP")]
    [TestCase(TrafficDistribution.PreferSameZone, "10.1.0.1:8080/TCP")]
    [TestCase(TrafficDistribution.PreferSameNode, "10.1.0.1:8080/TCP")]
    [TestCase(TrafficDistribution.None, "10.1.0.1:8080/TCP 10.1.0.2:8080/TCP 10.1.0.3:8080/TCP")]
    public void Traffic_distribution_prefers_what_is_near(TrafficDistribution distribution, string expected) => Assert.That(
        Outcome.Of(Given.Node, Given.Service(spec => spec with { TrafficDistribution = distribution }), s_slice).Backends(Cluster), Is.EqualTo(expected));

    [Test]
    public void Nothing_is_preferred_without_the_feature_without_a_zone_or_for_a_local_policy()
    {
        var service = Given.Service(null, (ServiceAnnotations.TopologyModeAnnotation, "auto"));
        Assert.That(Outcome.Of(Given.Node, service, s_slice).Frontend(Cluster).Backends, Has.Length.EqualTo(1));
        Assert.That(Outcome.Of(Given.Node with { ServiceTopology = false }, service, s_slice).Frontend(Cluster).Backends, Has.Length.EqualTo(3));
        Assert.That(Outcome.Of(Given.Node with { Zone = null }, service, s_slice).Frontend(Cluster).Backends, Has.Length.EqualTo(3));
        var local = service with { Spec = service.Spec with { InternalTrafficPolicy = TrafficPolicy.Local } };
        Assert.That(Outcome.Of(Given.Node, local, s_slice).Frontend("203.0.113.1:80").Backends, Has.Length.EqualTo(3));
        var node = new Node { Metadata = Make.Labelled("node-a", Node.ZoneLabel, "zone-b") };
        Assert.That(Outcome.Of(Given.Node with { Zone = null }, service, s_slice, node).Frontend(Cluster).Backends, Has.Length.EqualTo(2));
    }

    [Test]
    public void An_endpoint_without_hints_ends_the_preference_unless_it_is_on_its_way_out()
    {
        var service = Given.Service(spec => spec with { TrafficDistribution = TrafficDistribution.PreferSameZone });
        var leaving = Make.Slice("web-2", "web", Given.Endpoint("10.1.0.9", state: BackendState.Terminating));
        Assert.That(Outcome.Of(Given.Node, service, s_slice, leaving).Backends(Cluster), Is.EqualTo("10.1.0.1:8080/TCP"));
        var staying = Make.Slice("web-2", "web", Given.Endpoint("10.1.0.9"));
        Assert.That(Outcome.Of(Given.Node, service, s_slice, staying).Frontend(Cluster).Backends, Has.Length.EqualTo(4));
    }

    [Test]
    public void Weight_nought_takes_endpoints_out_of_service()
    {
        var outcome = Outcome.Of(Given.Node, Given.Service(), s_slice.Annotated(EndpointSlice.WeightAnnotation, "0"));
        Assert.That(outcome.Frontend(Cluster).Backends.Select(backend => (backend.State, backend.Weight)), Is.All.EqualTo((BackendState.Maintenance, 100)));
        Assert.That(outcome.Condition(Given.Service()), Is.EqualTo(ObjectCondition.NoBackends));
        var light = Outcome.Of(Given.Node, Given.Service(), s_slice.Annotated(EndpointSlice.WeightAnnotation, "7"));
        Assert.That(light.Frontend(Cluster).Backends[0].Weight, Is.EqualTo(7));
    }

    [Test]
    public void Of_equal_endpoints_the_heavier_counts() => Assert.That(
        Outcome.Of(
            Given.Node, Given.Service(), s_slice.Annotated(EndpointSlice.WeightAnnotation, "7"),
            Make.Slice("web-2", "web", Given.Endpoint("10.1.0.1", "node-a"))).Frontend(Cluster).Backends[0].Weight,
        Is.EqualTo(100));

    [Test]
    public void A_health_checked_service_waits_for_results_and_keeps_unhealthy_endpoints_aside()
    {
        var node = Given.Node with { HealthCheckAnnotation = HealthAnnotation };
        HealthResult[] results = [Result("10.1.0.1", isHealthy: false), Result("10.1.0.3", isHealthy: true)];
        var service = Given.Service(null, (HealthAnnotation, "on"));
        Assert.That(Outcome.Of(node, results, service, s_slice).Backends(Cluster), Is.EqualTo("10.1.0.3:8080/TCP (10.1.0.1:8080/TCP)"));
        Assert.That(Outcome.Of(node, results, Given.Service(), s_slice).Frontend(Cluster).UsableCount, Is.EqualTo(3), "without the annotation");
    }

    [Test]
    public void The_placeholder_of_ingress_controllers_is_no_endpoint()
    {
        var slice = Given.Slice(Given.Endpoint("192.192.192.192")) with { Ports = [new() { Port = 9999 }] };
        Assert.That(Outcome.Of(Given.Node, Given.Service(), slice).Frontend(Cluster).Backends, Is.Empty);
    }

    private static HealthResult Result(string ip, bool isHealthy) =>
        new(new("default", "web"), new(IPAddress.Parse(ip), 8080, L4Protocol.Tcp), isHealthy);
}
