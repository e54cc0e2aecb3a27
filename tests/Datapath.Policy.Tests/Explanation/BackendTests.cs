using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Explanations;

internal sealed class BackendTests
{
    private static readonly ServiceBackend s_terminating = new("10.0.0.2") { State = BackendState.Terminating };

    private static ServiceBuilder Web => new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1", "fd10::1").Port(80, 8080, name: "http");

    private static Explanation Explain(ServiceBuilder service, NodeConfiguration? node = null) =>
        Explained.Compile(node ?? Explained.Node, [.. service.Build()]).Explain("10.96.0.1:80");

    [Test]
    public void Without_a_backend_a_dial_is_refused()
    {
        var explanation = Explain(Web);
        Assert.That(explanation.Outcome, Is.EqualTo(DialOutcome.Refused));
        Assert.That(explanation.Steps(ExplanationTopic.Backend), Is.EqualTo(new[] { "- service shop/web: no endpoint slice has an endpoint for it" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ is refused: the frontend has no usable backend"));
    }

    [Test]
    public void Each_state_is_a_reason() => Assert.That(
        Explain(Web.Backend("10.0.0.1").Backend(s_terminating).Backend(new ServiceBackend("10.0.0.3") { State = BackendState.TerminatingNotServing })
            .Backend(new ServiceBackend("10.0.0.4") { State = BackendState.Maintenance })).Steps(ExplanationTopic.Backend),
        Is.EqualTo(new[]
        {
            "+ 10.0.0.1:8080/TCP: active", "- 10.0.0.2:8080/TCP: terminating, and others are active",
            "- 10.0.0.3:8080/TCP: terminating, and no longer serving", "- 10.0.0.4:8080/TCP: not ready",
        }));

    [Test]
    public void Where_nobody_is_active_those_that_terminate_serve()
    {
        var explanation = Explain(Web.Backend(s_terminating));
        Assert.That(explanation.Steps(ExplanationTopic.Backend), Is.EqualTo(new[] { "+ 10.0.0.2:8080/TCP: terminating, but it still serves and no backend is active" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ goes to 10.0.0.2:8080/TCP: chosen at random; all are terminating, but still serve"));
    }

    [Test]
    public void Backends_that_cannot_come_into_question_are_counted()
    {
        var explanation = Explain(Web.Port(443, 8443, name: "https").Backend("10.0.0.1").Backend("fd00::1"));
        Assert.That(
            explanation.Steps(ExplanationTopic.Backend),
            Is.EqualTo(new[] { "+ 10.0.0.1:8080/TCP: active", "- 1 more: for other ports of the service", "- 2 more: for the other address family" }));
    }

    [Test]
    public void They_are_named_where_nothing_is_left()
    {
        Assert.That(Explain(Web.Backend("fd00::1")).Steps(ExplanationTopic.Backend), Is.EqualTo(new[] { "- [fd00::1]:8080/TCP: of the other address family" }));
        Assert.That(
            Explained.Compile([Web.Build()[0], Slice(L4Protocol.Tcp, "web"), Slice(L4Protocol.Udp, "http")]).Explain("10.96.0.1:80").Steps(ExplanationTopic.Backend),
            Is.EqualTo(new[] { "- 10.0.0.1:8080/TCP: its port is named 'web', that of the frontend 'http'", "- 10.0.0.1:8080/UDP: of another protocol" }));
    }

    [Test]
    public void The_traffic_policy_leaves_out_other_nodes() => Assert.That(
        Explain(Web.Backend("10.0.0.1", "node-a").Backend("10.0.0.2", "node-b").With(static spec => spec with { InternalTrafficPolicy = TrafficPolicy.Local }))
            .Steps(ExplanationTopic.Backend),
        Is.EqualTo(new[] { "+ 10.0.0.1:8080/TCP: active", "- 10.0.0.2:8080/TCP: on node 'node-b', and the traffic policy is Local" }));

    [Test]
    public void Topology_leaves_out_what_is_far() => Assert.That(
        Explain(
            Web.Backend("10.0.0.1", "node-a").Backend("10.0.0.2", "node-b").With(static spec => spec with { TrafficDistribution = TrafficDistribution.PreferSameNode }),
            Explained.Node with { ServiceTopology = true }).Steps(ExplanationTopic.Backend),
        Is.EqualTo(new[] { "+ 10.0.0.1:8080/TCP: active", "- 10.0.0.2:8080/TCP: further away than need be: the service prefers backends that are near, and there are some" }));

    [Test]
    public void Health_leaves_out_what_was_not_checked_and_what_failed()
    {
        var node = Explained.Node with { HealthCheckAnnotation = "example.com/health", ServiceTopology = true };
        KubernetesObject[] objects = [.. Web.Backend("10.0.0.1").Backend("10.0.0.2").Backend("10.0.0.3").Build()];
        objects[0] = objects[0].With(static meta => meta with { Annotations = meta.Annotations.Add("example.com/health", "/healthz") });
        var compiler = Explained.Compile(node, objects);
        compiler.Apply(new HealthResult(new("shop", "web"), L4Address.Parse("10.0.0.1:8080"), true), new HealthResult(new("shop", "web"), L4Address.Parse("10.0.0.2:8080"), false));
        Assert.That(
            compiler.Explain("10.96.0.1:80").Steps(ExplanationTopic.Backend),
            Is.EqualTo(new[] { "+ 10.0.0.1:8080/TCP: active", "- 10.0.0.2:8080/TCP: unhealthy: its health check fails", "- 10.0.0.3:8080/TCP: its health has not been checked yet" }));
    }

    [Test]
    public void Weights_are_told_and_weight_0_is_a_reason()
    {
        var explanation = Explained.Compile(
            Web.Build()[0], Weighted("a", "10.0.0.1", "30"), Weighted("b", "10.0.0.2", "0"), Weighted("c", "10.0.0.3", "100")).Explain("10.96.0.1:80");
        Assert.That(
            explanation.Steps(ExplanationTopic.Backend),
            Is.EqualTo(new[] { "+ 10.0.0.1:8080/TCP: active, weight 30", "- 10.0.0.2:8080/TCP: taken out of service by weight 0", "+ 10.0.0.3:8080/TCP: active" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ goes to one of 2 backends: 10.0.0.1:8080/TCP, 10.0.0.3:8080/TCP: chosen at random, by weight"));
    }

    [Test]
    public void Affinity_and_algorithm_are_told()
    {
        var service = Web.Backend("10.0.0.1").With(static spec => spec with { SessionAffinity = SessionAffinity.ClientIP, SessionAffinityTimeoutSeconds = 60 });
        Assert.That(
            Explain(service, Explained.Node with { Algorithm = LoadBalancingAlgorithm.Maglev, ExternalClusterIP = true }).Result(),
            Is.EqualTo("+ goes to 10.0.0.1:8080/TCP: chosen by Maglev; a client stays with its backend for 60 s"));
    }

    private static EndpointSlice Slice(L4Protocol protocol, string port) => Make.Slice($"s-{port}", "web", Make.Endpoint("10.0.0.1"))
        .With(static meta => meta with { Namespace = "shop" }) with
    { Ports = [new() { Name = port, Protocol = protocol, Port = 8080 }] };

    private static EndpointSlice Weighted(string name, string address, string weight) => Make.Slice(name, "web", Make.Endpoint(address)).With(meta => meta with
    {
        Namespace = "shop",
        Annotations = ImmutableDictionary<string, string>.Empty.Add(EndpointSlice.WeightAnnotation, weight),
    });
}
