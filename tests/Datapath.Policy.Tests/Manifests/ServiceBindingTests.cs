namespace Datapath.Policy.Tests.Manifests;

internal sealed class ServiceBindingTests
{
    private const string Annotations = "metadata.annotations[service.cilium.io/";

    [Test]
    public void Every_field_of_a_service_is_read()
    {
        var content = Manifest.Read(Manifest.WholeService);
        Assert.That(content.Diagnostics, Is.Empty);
        var spec = ((Service)content.Objects.Single()).Spec;
        Assert.That(spec, Is.EqualTo(new ServiceSpec
        {
            Type = ServiceType.LoadBalancer,
            ClusterIP = "10.96.0.1",
            ClusterIPs = ["10.96.0.1", "fd00::1"],
            IPFamilies = [IPFamily.IPv4, IPFamily.IPv6],
            ExternalIPs = ["192.0.2.7", "2001:db8::7"],
            LoadBalancerSourceRanges = ["192.0.2.0/24", " 2001:db8::/32 "],
            LoadBalancerClass = "io.cilium/l2-announcer",
            ExternalTrafficPolicy = TrafficPolicy.Local,
            HealthCheckNodePort = 32000,
            SessionAffinity = SessionAffinity.ClientIP,
            SessionAffinityTimeoutSeconds = 60,
            TrafficDistribution = TrafficDistribution.PreferSameNode,
            PublishNotReadyAddresses = true,
            Ports =
            [
                new() { Name = "http", Port = 80, TargetPort = new("web"), NodePort = 30080, AppProtocol = "kubernetes.io/h2c" },
                new() { Name = "dns", Port = 53, Protocol = L4Protocol.Udp, TargetPort = new(5353) },
            ],
        }));
        Assert.That(((Service)content.Objects[0]).Status.LoadBalancerIngress, Is.EqualTo(new LoadBalancerIngress[]
        {
            new() { IP = "192.0.2.10" }, new() { IP = "192.0.2.11", IPMode = IPMode.Proxy }, new() { Hostname = "lb.example.com" },
        }));
    }

    [Test]
    public void A_service_that_says_nothing_has_the_defaults()
    {
        var service = (Service)Manifest.Read(Manifest.Service("web")).Objects.Single();
        Assert.That(service.Spec, Is.EqualTo(new ServiceSpec { ClusterIP = "10.96.0.1", Ports = [new() { Port = 80 }] }));
        Assert.That(service.Spec.SessionAffinityTimeoutSeconds, Is.EqualTo(10800));
        Assert.That(service.Status, Is.SameAs(ServiceStatus.Empty));
        Assert.That(ServiceAnnotations.Of(service), Is.SameAs(ServiceAnnotations.None));
    }

    [Test]
    public void Annotations_of_a_service_are_typed()
    {
        var service = (Service)Manifest.Read(Manifest.WholeService).Objects.Single();
        Assert.That(LabelSelector.TryParse("rack in (a,b),!spare,disk!=slow", out var nodes));
        Assert.That(ServiceAnnotations.Of(service), Is.EqualTo(new ServiceAnnotations
        {
            Type = ServiceType.LoadBalancer,
            Node = "edge",
            NodeSelector = nodes,
            Algorithm = LoadBalancingAlgorithm.Maglev,
            ForwardingMode = ForwardingMode.Dsr,
            SourceRangesPolicy = SourceRangesPolicy.Deny,
            ProxyDelegation = ProxyDelegation.DelegateIfLocal,
            UsesTopologyHints = true,
            StaleTcp = StaleTcpPolicy.Never,
        }));
    }

    [Test]
    public void The_node_selector_wins_over_the_node()
    {
        var node = new ServiceAnnotations { Node = "edge" };
        var labels = Make.Labelled("n", ServiceAnnotations.NodeAnnotation, "edge").Labels;
        Assert.That(ServiceAnnotations.None.IsForNode(labels));
        Assert.That(node.IsForNode(labels));
        Assert.That(node.IsForNode(labels.Clear()), Is.False);
        Assert.That((node with { Node = "core" }).IsForNode(labels), Is.False);
        Assert.That(LabelSelector.TryParse("rack=a", out var rack));
        Assert.That((node with { NodeSelector = rack }).IsForNode(labels), Is.False);
        Assert.That((node with { NodeSelector = rack }).IsForNode(labels.Clear().Add("rack", "a")));
    }

    [TestCase("topology-mode: Auto", true)]
    [TestCase("topology-mode: auto", true)]
    [TestCase("topology-mode: Disabled", false)]
    [TestCase("topology-aware-hints: Auto", true)]
    [TestCase("topology-mode: Disabled, service.kubernetes.io/topology-aware-hints: Auto", false)]
    public void Topology_hints_are_asked_for_by_annotation(string annotation, bool expected)
    {
        var service = (Service)Manifest.Read(Manifest.Service("web\n  annotations: {service.kubernetes.io/" + annotation + "}")).Objects.Single();
        Assert.That(ServiceAnnotations.Of(service).UsesTopologyHints, Is.EqualTo(expected));
    }

    [TestCase("type: LoadBalancer\n    service", "type: Public\n    service", Annotations + "type]: 'Public' must be ClusterIP, NodePort or LoadBalancer")]
    [TestCase("maglev", "Maglev", Annotations + "lb-algorithm]: 'Maglev' must be random or maglev")]
    [TestCase("mode: dsr", "mode: hybrid", Annotations + "forwarding-mode]: 'hybrid' must be snat or dsr")]
    [TestCase("deny", "refuse", Annotations + "src-ranges-policy]: 'refuse' must be allow or deny")]
    [TestCase("delegate-if-local", "''", Annotations + "proxy-delegation]: '' must be none or delegate-if-local")]
    [TestCase("stale-tcp: never", "stale-tcp: Never", "metadata.annotations[datapath.io/stale-tcp]: 'Never' must be whenBackendIsGone, always or never")]
    [TestCase("rack in (a, b)", "rack in (a, b", Annotations
        + "node-selector]: 'rack in (a, b,!spare,disk!=slow' must be a label selector: it has 'rack in (a, b,!spare,disk!=slow', "
        + "which is no requirement such as key=value or key in (a,b)")]
    [TestCase("!spare", "!-", Annotations + "node-selector]: 'rack in (a, b),!-,disk!=slow' must be a label selector: it has '!-', but '-' "
        + NameRules.QualifiedNameRule)]
    [TestCase("192.0.2.7", "10.0.0", "spec.externalIPs[0]: '10.0.0' must be an IP address")]
    [TestCase("192.0.2.7", "127.0.0.1", "spec.externalIPs[0]: '127.0.0.1' must not be a loopback address")]
    [TestCase("192.0.2.0/24", "192.0.2.0", "spec.loadBalancerSourceRanges[0]: '192.0.2.0' must be a range in CIDR form, for example 192.0.2.0/24")]
    [TestCase("192.0.2.0/24", "192.0.2.0/33", "spec.loadBalancerSourceRanges[0]: '192.0.2.0/33' must be a range in CIDR form, for example 192.0.2.0/24")]
    [TestCase("io.cilium/l2-announcer", "a/b/c", "spec.loadBalancerClass: 'a/b/c' " + NameRules.QualifiedNameRule)]
    [TestCase("externalTrafficPolicy: Local", "externalTrafficPolicy: local", "spec.externalTrafficPolicy: 'local' must be Cluster or Local")]
    [TestCase("healthCheckNodePort: 32000", "healthCheckNodePort: 70000", "spec.healthCheckNodePort: '70000' must be 0 (none) to 65535")]
    [TestCase("sessionAffinity: ClientIP", "sessionAffinity: Client", "spec.sessionAffinity: 'Client' must be None or ClientIP")]
    [TestCase("timeoutSeconds: 60", "timeoutSeconds: 0", "spec.sessionAffinityConfig.clientIP.timeoutSeconds: '0' must be 1 to 86400")]
    [TestCase("targetPort: 5353", "targetPort: 0", "spec.ports[1].targetPort: '0' must be 1 to 65535")]
    [TestCase("targetPort: web", "targetPort: '80'", "spec.ports[0].targetPort: '80' " + NameRules.PortNameRule)]
    [TestCase("ip: 192.0.2.10", "ip: lb", "status.loadBalancer.ingress[0].ip: 'lb' must be an IP address")]
    [TestCase("ipMode: Proxy", "ipMode: DSR", "status.loadBalancer.ingress[1].ipMode: 'DSR' must be VIP or Proxy")]
    public void A_wrong_value_is_named(string part, string replacement, string expected)
    {
        var content = Manifest.Read(Manifest.WholeService.Replace(part, replacement));
        Assert.That(content.Problems(), Is.EqualTo(new[] { expected }));
        Assert.That(content.Objects, Is.Empty);
        var line = 1 + Manifest.WholeService[..Manifest.WholeService.IndexOf(part, StringComparison.Ordinal)].Count(c => c == '\n');
        Assert.That(content.Diagnostics.Single().Line, Is.EqualTo(line));
    }

    [Test]
    public void A_traffic_distribution_of_the_future_is_warned_about()
    {
        var content = Manifest.Read(Manifest.WholeService.Replace("PreferSameNode", "Near"));
        Assert.That(content.Problems().Single(), Is.EqualTo(
            "spec.trafficDistribution: 'Near' has no effect: it must be PreferClose, PreferSameZone or PreferSameNode"));
        Assert.That(((Service)content.Objects.Single()).Spec.TrafficDistribution, Is.EqualTo(TrafficDistribution.None));
    }

    [Test]
    public void Every_field_of_an_endpoint_slice_is_read()
    {
        var content = Manifest.Read(Manifest.WholeSlice);
        Assert.That(content.Diagnostics, Is.Empty);
        var slice = (EndpointSlice)content.Objects.Single();
        Assert.That(slice.Weight, Is.EqualTo(30));
        Assert.That(slice.Endpoints, Is.EqualTo(new Endpoint[]
        {
            new()
            {
                Addresses = ["10.0.0.1"],
                Conditions = new(false, true, true),
                NodeName = "node-a",
                Zone = "eu-1",
                Hints = new() { Zones = ["eu-1", "eu-2"], Nodes = ["node-a"] },
            },
            new() { Addresses = ["10.0.0.2"] },
        }));
    }

    [Test]
    public void A_hint_without_a_name_is_refused() => Assert.That(
        Manifest.Read(Manifest.WholeSlice.Replace("{name: eu-2}", "{}")).Problems(),
        Is.EqualTo(new[] { "endpoints[0].hints.forZones[1].name: is required" }));

    [TestCase("0", 0)]
    [TestCase("65535", 65535)]
    public void Weights_are_whole_numbers(string text, int expected) => Assert.That(
        ((EndpointSlice)Manifest.Read(Manifest.WholeSlice.Replace("\"30\"", $"\"{text}\"")).Objects.Single()).Weight, Is.EqualTo(expected));

    [TestCase("-1")]
    [TestCase("65536")]
    [TestCase("1.5")]
    [TestCase("")]
    public void Other_weights_are_refused(string text) => Assert.That(
        Manifest.Read(Manifest.WholeSlice.Replace("\"30\"", $"\"{text}\"")).Problems(),
        Is.EqualTo(new[] { Annotations + $"weight]: '{text}' must be a whole number, 0 to 65535" }));

    [Test]
    public void A_slice_without_a_weight_has_the_default_one() =>
        Assert.That(Make.Slice("s", "web").Weight, Is.EqualTo(EndpointSlice.DefaultWeight));
}
