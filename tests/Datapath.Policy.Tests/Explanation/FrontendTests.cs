namespace Datapath.Policy.Tests.Explanations;

internal sealed class FrontendTests
{
    private static readonly ServiceBuilder s_web = new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1").Port(80, 8080, name: "http").Backend("10.0.0.1");

    private static KubernetesObject[] WithExternalIP(string address) =>
    [
        .. new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1").Port(80, 8080, name: "http").Backend("10.0.0.1")
            .With(spec => spec with { ExternalIPs = [address] }).Build(),
    ];

    private static KubernetesObject[] NodePort(TrafficPolicy external = TrafficPolicy.Cluster) =>
    [
        .. new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1").Port(80, 8080).Backend("10.0.0.1", "node-a").Backend("10.0.0.2", "node-b")
            .With(spec => spec with { Type = ServiceType.NodePort, ExternalTrafficPolicy = external, Ports = [spec.Ports[0] with { NodePort = 30080 }] }).Build(),
    ];

    [Test]
    public void A_dial_to_a_service_goes_to_its_backend()
    {
        var explanation = Explained.Compile([.. s_web.Build()]).Explain("10.96.0.1:80");
        Assert.That(explanation.Outcome, Is.EqualTo(DialOutcome.Backend));
        Assert.That(explanation.Backends, Is.EqualTo(new[] { new Backend(L4Address.Parse("10.0.0.1:8080")) }));
        Assert.That(explanation.Steps(ExplanationTopic.Frontend), Is.EqualTo(new[] { "+ 10.96.0.1:80/TCP: ClusterIP of service shop/web, port http" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ goes to 10.0.0.1:8080/TCP: chosen at random"));
    }

    [Test]
    public void Another_port_of_a_guarded_address_is_refused()
    {
        var explanation = Explained.Compile([.. s_web.Build()]).Explain("10.96.0.1:81");
        Assert.That(explanation.Outcome, Is.EqualTo(DialOutcome.Refused));
        Assert.That(explanation.Steps(ExplanationTopic.Frontend), Is.EqualTo(new[] { "- service shop/web: has the IP address, but at 10.96.0.1:80/TCP" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ is refused: the IP address belongs to service shop/web, which has no such port"));
    }

    [Test]
    public void Another_port_or_protocol_of_an_address_without_a_guard_is_left_alone()
    {
        var explanation = Explained.Compile(Explained.Node with { WildcardEntries = false }, [.. s_web.Build()]).Explain("10.96.0.1:80/UDP");
        Assert.That(explanation.Outcome, Is.EqualTo(DialOutcome.Direct));
        Assert.That(explanation.Backends, Is.Empty);
        Assert.That(explanation.Steps(ExplanationTopic.Frontend), Is.EqualTo(new[] { "- service shop/web: has the IP address, but at 10.96.0.1:80/TCP" }));
    }

    [Test]
    public void An_address_of_nobody_is_left_alone()
    {
        var explanation = Explained.Compile([.. s_web.Build()]).Explain("10.96.0.9:80");
        Assert.That(explanation.Result(), Is.EqualTo("+ goes to 10.96.0.9:80/TCP itself: nothing is served there"));
        Assert.That(explanation.Steps, Has.Length.EqualTo(2));
    }

    [Test]
    public void A_dial_to_an_external_IP_that_is_not_the_node_s_is_left_as_it_is()
    {
        var compiler = Explained.Compile(WithExternalIP("203.0.113.9"));
        var explanation = compiler.Explain("203.0.113.9:80");
        Assert.That(explanation.Outcome, Is.EqualTo(DialOutcome.Direct));
        Assert.That(
            explanation.Steps(ExplanationTopic.Frontend),
            Is.EqualTo(new[] { "- 203.0.113.9:80/TCP: ExternalIPs of service shop/web, port http, at an address that is not of this node" }));
        Assert.That(
            explanation.Result(),
            Is.EqualTo("+ goes to 203.0.113.9:80/TCP itself: external IPs are served to programs of the node at its own addresses only, unless ExternalIPsAnywhere (CVE-2020-8554)"));
    }

    [TestCase("192.0.2.1", false)]
    [TestCase("203.0.113.9", true)]
    public void A_dial_to_an_external_IP_goes_to_a_backend_if_it_is_the_node_s_or_all_count(string address, bool anywhere)
    {
        var compiler = Explained.Compile(Explained.Node with { ExternalIPsAnywhere = anywhere }, WithExternalIP(address));
        Assert.That(compiler.Explain($"{address}:80").Result(), Is.EqualTo("+ goes to 10.0.0.1:8080/TCP: chosen at random"));
        Assert.That(
            compiler.Explain($"{address}:80").Steps(ExplanationTopic.Frontend),
            Is.EqualTo(new[] { $"+ {address}:80/TCP: ExternalIPs of service shop/web, port http" }));
    }

    [Test]
    public void A_node_port_is_served_at_the_addresses_of_the_node()
    {
        var compiler = Explained.Compile(NodePort());
        Assert.That(
            compiler.Explain("192.0.2.1:30080").Steps(ExplanationTopic.Frontend),
            Is.EqualTo(new[] { "+ 0.0.0.0:30080/TCP: NodePort of service shop/web, served at every address of the node" }));
        var elsewhere = compiler.Explain("192.0.2.2:30080");
        Assert.That(elsewhere.Outcome, Is.EqualTo(DialOutcome.Direct));
        Assert.That(elsewhere.Steps(ExplanationTopic.Frontend), Is.EqualTo(new[] { "- service shop/web: has the port, as NodePort, but at 192.0.2.1:30080/TCP" }));
    }

    [TestCase("127.0.0.1")]
    [TestCase("127.8.9.10")]
    [TestCase("0.0.0.0")]
    public void A_node_port_is_served_on_loopback_to_the_host_alone(string address)
    {
        var compiler = Explained.Compile(NodePort());
        var host = compiler.Explain($"{address}:30080", "host");
        Assert.That(
            host.Steps(ExplanationTopic.Frontend),
            Is.EqualTo(new[] { "+ 0.0.0.0:30080/TCP: NodePort of service shop/web, served to programs of the host on loopback" }));
        Assert.That(host.Outcome, Is.EqualTo(DialOutcome.Backend));
        Assert.That(compiler.Explain($"{address}:30080").Outcome, Is.EqualTo(DialOutcome.Direct));
        Assert.That(compiler.Explain($"{address}:30081", "host").Outcome, Is.EqualTo(DialOutcome.Direct));
    }

    [Test]
    public void A_host_port_for_loopback_is_served_there()
    {
        var pod = new PodBuilder("shop", "web-0").OnNode("node-a").Address("10.0.0.5").Build() with
        {
            Spec = new() { NodeName = "node-a", Containers = [new() { Ports = [new() { Port = 8080, HostPort = 8081, HostIP = "127.0.0.1" }] }] },
        };
        Assert.That(Explained.Compile(pod).Explain("127.0.0.1:8081", "host").Result(), Does.StartWith("+ goes to 10.0.0.5:8080/TCP"));
        Assert.That(Explained.Compile(pod).Explain("192.0.2.1:8081", "host").Outcome, Is.EqualTo(DialOutcome.Direct));
    }

    [Test]
    public void An_address_that_is_left_to_a_load_balancer_is_told()
    {
        var service = Make.Service("web") with { Status = new() { LoadBalancerIngress = [new() { IP = "203.0.113.20", IPMode = IPMode.Proxy }] } };
        service = service with { Spec = service.Spec with { Type = ServiceType.LoadBalancer } };
        var explanation = Explained.Compile(service).Explain("203.0.113.20:80");
        Assert.That(
            explanation.Steps(ExplanationTopic.Frontend),
            Is.EqualTo(new[] { "- service default/web: has the IP address, and leaves dials to its load balancer (ipMode Proxy)" }));
        Assert.That(explanation.Outcome, Is.EqualTo(DialOutcome.Direct));
    }

    [Test]
    public void A_node_port_at_another_node_says_so()
    {
        var other = new Node { Metadata = new() { Name = "node-b" }, Addresses = [new(NodeAddress.InternalIP, "192.0.2.2")] };
        Assert.That(
            Explained.Compile([.. NodePort(), other]).Explain("192.0.2.2:30080").Steps(ExplanationTopic.Frontend),
            Is.EqualTo(new[] { "+ 0.0.0.0:30080/TCP: NodePort of service shop/web, served here although the address is another node's" }));
    }

    [Test]
    public void Of_two_scopes_programs_on_the_node_get_the_internal_one()
    {
        var explanation = Explained.Compile(NodePort(TrafficPolicy.Local)).Explain("192.0.2.1:30080");
        Assert.That(
            explanation.Steps(ExplanationTopic.Scope),
            Is.EqualTo(new[] { "+ Internal: programs on the node are inside the cluster: internalTrafficPolicy counts, not externalTrafficPolicy" }));
        Assert.That(explanation.Backends, Has.Length.EqualTo(2));
        Assert.That(Explained.Compile(NodePort(TrafficPolicy.Local)).Explain("192.0.2.9:30080").Steps(ExplanationTopic.Frontend), Has.Length.EqualTo(1));
    }

    [Test]
    public void The_younger_service_that_wants_the_address_is_named()
    {
        var compiler = Explained.Compile([.. s_web.Build(), Make.Service("young").Created(1)]);
        compiler.Apply(ObjectBatch.Upsert(((Service)s_web.Build()[0]).With(meta => meta with { CreationTimestamp = null })));
        Assert.That(
            compiler.Explain("10.96.0.1:80").Steps(ExplanationTopic.Frontend),
            Is.EqualTo(new[]
            {
                "+ 10.96.0.1:80/TCP: ClusterIP of service default/young",
                "- service shop/web: wants the address too, but service default/young, which comes first, has 10.96.0.1:80/TCP",
            }));
    }

    [Test]
    public void A_host_port_names_its_pod_and_gives_way_to_a_service()
    {
        var pod = new PodBuilder("shop", "web-0").OnNode("node-a").Address("10.0.0.5").Port(8080, hostPort: 8081).Build();
        var explanation = Explained.Compile(pod).Explain("192.0.2.1:8081");
        Assert.That(explanation.Steps(ExplanationTopic.Frontend), Is.EqualTo(new[] { "+ 0.0.0.0:8081/TCP: HostPort of pod shop/web-0, served at every address of the node" }));
        Assert.That(explanation.Steps(ExplanationTopic.Backend), Is.EqualTo(new[] { "+ 10.0.0.5:8080/TCP: the container port of pod shop/web-0" }));

        var other = new PodBuilder("shop", "web-1").OnNode("node-a").Address("10.0.0.6").Port(8080, hostPort: 8081).Build();
        Assert.That(
            Explained.Compile(pod, other).Explain("192.0.2.1:8081").Steps(ExplanationTopic.Frontend)[1],
            Is.EqualTo("- host port of pod shop/web-1: wants the address too, but host port of pod shop/web-0, which comes first, has 0.0.0.0:8081/TCP"));
    }

    [Test]
    public void A_service_that_is_left_to_others_says_so()
    {
        var service = (Service)s_web.Build()[0] with { Metadata = Make.Labelled("web", ServicePlan.ProxyNameLabel, "mesh") };
        Assert.That(
            Explained.Compile(service).Explain("10.96.0.1:80").Steps(ExplanationTopic.Frontend),
            Is.EqualTo(new[] { "- service default/web: has the IP address, and is not served here: label service.kubernetes.io/service-proxy-name leaves it to the proxy 'mesh'" }));
    }
}
