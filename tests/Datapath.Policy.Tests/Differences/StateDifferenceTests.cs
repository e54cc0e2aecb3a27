namespace Datapath.Policy.Tests.Differences;

internal sealed class StateDifferenceTests
{
    private static readonly ServiceName s_web = new("shop", "web");

    private static ServiceBuilder Web => new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1").Port(80, 8080, name: "http").Backend("10.0.0.1");

    private static PodBuilder Proxy => new PodBuilder("shop", "proxy").Label("app", "proxy").OnNode("node-a").Address("10.0.0.80").Port(8080);

    private static RedirectBuilder Policy(string name = "to-proxy") => new RedirectBuilder(name, "shop", "app=proxy").Service("shop", "web");

    private static DesiredState State(params KubernetesObject[] objects) => Make.Compiler(objects).State;

    private static string[] Between(DesiredState before, DesiredState after) =>
        [.. StateDifference.Between(before, after).Select(static row => $"{row.Kind} {row.Service} {row.Frontend}: {string.Join("; ", row.Details)}")];

    private static string[] Details(ServiceBuilder before, ServiceBuilder after) => Details(State([.. before.Build()]), State([.. after.Build()]));

    private static string[] Details(DesiredState before, DesiredState after)
    {
        var row = StateDifference.Between(before, after).Single();
        Assert.That((row.Kind, row.Service), Is.EqualTo((DifferenceKind.Changed, s_web)));
        return [.. row.Details];
    }

    [Test]
    public void Equal_states_have_none() => Assert.That(StateDifference.Between(State([.. Web.Build()]), State([.. Web.Build()])), Is.Empty);

    [Test]
    public void A_new_frontend_is_told_with_all_that_it_is() => Assert.That(
        Between(DesiredState.Empty, State([.. Web.Build()])),
        Is.EqualTo(new[] { "Added shop/web 10.96.0.1:80/TCP: type: ClusterIP; port name: http; other ports of the address: refused; backend 10.0.0.1:8080/TCP: active" }));

    [Test]
    public void One_that_is_gone_is_told() =>
        Assert.That(Between(State([.. Web.Build()]), DesiredState.Empty), Is.EqualTo(new[] { "Removed shop/web 10.96.0.1:80/TCP: " }));

    [Test]
    public void Backends_come_change_and_go() => Assert.That(
        Details(Web.Backend("10.0.0.2").Backend("10.0.0.3"), Web.Backend(new ServiceBackend("10.0.0.3") { State = BackendState.Terminating }).Backend("10.0.0.4")),
        Is.EqualTo(new[] { "- backend 10.0.0.2:8080/TCP: active", "+ backend 10.0.0.4:8080/TCP: active", "backend 10.0.0.3:8080/TCP: active -> terminating" }));

    [Test]
    public void What_a_backend_is_used_for_is_told() => Assert.That(
        Details(
            new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1").Port(80).Backend("10.0.0.1").Backend("10.0.0.2").Backend("10.0.0.3"),
            new ServiceBuilder("shop", "web").ClusterIP("10.96.0.1").Port(80).Backend(new ServiceBackend("10.0.0.1") { State = BackendState.Terminating })
                .Backend(new ServiceBackend("10.0.0.2") { State = BackendState.TerminatingNotServing }).Backend(new ServiceBackend("10.0.0.3") { State = BackendState.Maintenance })),
        Is.EqualTo(new[]
        {
            "backend 10.0.0.1:80/TCP: active -> terminating, still in use",
            "backend 10.0.0.2:80/TCP: active -> terminating, no longer serving",
            "backend 10.0.0.3:80/TCP: active -> not ready",
        }));

    [Test]
    public void The_algorithm_that_a_service_asks_for_is_told()
    {
        var node = new NodeConfiguration { AllowAlgorithmAnnotation = true };
        var (own, none) = (At(node, Algorithm("random")), At(node, Web.Build().ToArray()));
        Assert.That(Details(none, own), Is.EqualTo(new[] { "+ algorithm: Random, as the service says" }));
        Assert.That(Details(own, At(node, Algorithm("maglev"))), Is.EqualTo(new[] { "algorithm: Random, as the service says -> Maglev, as the service says" }));

        static KubernetesObject[] Algorithm(string name) => [.. Web.Build().Select(item => item is Service service
            ? service.With(meta => meta with { Annotations = meta.Annotations.SetItem(ServiceAnnotations.AlgorithmAnnotation, name) })
            : item)];

        static DesiredState At(NodeConfiguration node, KubernetesObject[] objects)
        {
            var compiler = new PolicyCompiler(node);
            compiler.Apply(ObjectBatch.Upsert(objects));
            return compiler.State;
        }
    }

    [Test]
    public void A_pod_whose_dials_are_left_alone_is_told()
    {
        var exempt = Proxy.Build().With(static meta => meta with { Annotations = meta.Annotations.SetItem(Pod.SocketLbAnnotation, "disabled") });
        var moved = exempt with { Status = exempt.Status with { PodIP = "10.0.0.81", PodIPs = ["10.0.0.81"] } };
        Assert.That(Pods(State(Proxy.Build()), State(exempt)), Is.EqualTo(new[] { "Added shop/proxy: " }));
        Assert.That(Pods(State(exempt), State()), Is.EqualTo(new[] { "Removed shop/proxy: " }));
        Assert.That(Pods(State(exempt), State(moved)), Is.EqualTo(new[] { "Changed shop/proxy: - address 10.0.0.80; + address 10.0.0.81" }));
        Assert.That(Pods(State(exempt), State(exempt)), Is.Empty);
        Assert.That(Pods(State(), State(Proxy.Build())), Is.Empty);

        static string[] Pods(DesiredState before, DesiredState after) =>
            [.. StateDifference.BetweenPods(before, after).Select(static row => $"{row.Kind} {row.Pod}: {string.Join("; ", row.Details)}")];
    }

    [Test]
    public void Weight_and_health_are_told()
    {
        var node = new NodeConfiguration { HealthCheckAnnotation = "health" };
        var objects = Web.Build().ToArray();
        objects[0] = objects[0].With(static meta => meta with { Annotations = meta.Annotations.Add("health", "yes") });
        var compiler = Explanations.Explained.Compile(node, objects);
        compiler.Apply(new HealthResult(s_web, L4Address.Parse("10.0.0.1:8080"), true));
        var before = compiler.State;
        compiler.Apply(new HealthResult(s_web, L4Address.Parse("10.0.0.1:8080"), false));
        compiler.Apply(ObjectBatch.Upsert(objects[1].With(static meta => meta with { Annotations = meta.Annotations.Add(EndpointSlice.WeightAnnotation, "7") })));
        Assert.That(Details(before, compiler.State), Is.EqualTo(new[] { "backend 10.0.0.1:8080/TCP: active -> unhealthy, weight 7" }));
    }

    [Test]
    public void Options_of_the_service_are_told() => Assert.That(
        Details(
            Web,
            Web.With(static spec => spec with
            {
                SessionAffinity = SessionAffinity.ClientIP,
                SessionAffinityTimeoutSeconds = 60,
                LoadBalancerSourceRanges = ["192.0.2.0/24"],
                Ports = [spec.Ports[0] with { Name = "" }],
            })),
        Is.EqualTo(new[] { "- port name: http", "+ flags: SessionAffinity", "+ session affinity: 60 s", "+ source range 192.0.2.0/24" }));

    [Test]
    public void Which_TCP_connections_the_service_wants_ended_is_told() => Assert.That(
        Details(Web.Annotation(ServiceAnnotations.StaleTcpAnnotation, "never"), Web.Annotation(ServiceAnnotations.StaleTcpAnnotation, "always")),
        Is.EqualTo(new[] { "stale TCP connections: Never -> Always" }));

    [Test]
    public void An_external_IP_that_becomes_the_node_s_is_told()
    {
        var compiler = Explanations.Explained.Compile([.. Web.With(static spec => spec with { ExternalIPs = ["203.0.113.9"] }).Build()]);
        var before = compiler.State;
        compiler.Apply(compiler.Node with { Addresses = [new(System.Net.IPAddress.Parse("203.0.113.9"))] });
        Assert.That(Between(before, compiler.State), Is.EqualTo(new[] { "Changed shop/web 203.0.113.9:80/TCP: + address of the node" }));
    }

    [Test]
    public void Scopes_are_told_apart()
    {
        static ServiceBuilder With(TrafficPolicy policy) => Web.With(spec => spec with
        {
            Type = ServiceType.NodePort,
            ClusterIP = "10.96.0.1",
            ExternalTrafficPolicy = policy,
            Ports = [spec.Ports[0] with { NodePort = 30080 }],
        });

        Assert.That(
            StateDifference.Between(State([.. With(TrafficPolicy.Cluster).Build()]), State([.. With(TrafficPolicy.Local).Build()]))
                .Select(static row => $"{row.Kind} {row.Frontend}"),
            Is.EqualTo(new[] { "Changed 0.0.0.0:30080/TCP", "Added 0.0.0.0:30080/TCP/i", "Changed 10.96.0.1:80/TCP" }));
    }

    [Test]
    public void An_address_that_passes_to_another_service_is_told()
    {
        var other = new ServiceBuilder("shop", "a").ClusterIP("10.96.0.1").Port(80, 8080, name: "http").Backend("10.0.0.1");
        Assert.That(
            Between(State([.. Web.Build()]), State([.. other.Build()])), Is.EqualTo(new[] { "Changed shop/a 10.96.0.1:80/TCP: passes from shop/web to shop/a" }));
    }

    [Test]
    public void A_policy_comes_with_clients_skips_and_backends()
    {
        var policy = Policy().SkipFromBackend().With(static policy => policy with { ClientSelector = new() { Exclude = [new() { HostProcesses = true }] } });
        Assert.That(
            Details(State([.. Web.Build(), Proxy.Build()]), State([.. Web.Build(), Proxy.Build(), policy.Build()])),
            Is.EqualTo(new[]
            {
                "+ policy to-proxy: redirects", "+ policy to-proxy clients: all pods", "+ policy to-proxy skips: shop/proxy", "+ policy to-proxy backend 10.0.0.80:80/TCP",
            }));
    }

    [Test]
    public void A_policy_that_loses_its_pod_refuses_dials() => Assert.That(
        Details(
            State([.. Web.Build(), Proxy.Build(), Policy().DropWithoutBackend().Build()]),
            State([.. Web.Build(), Proxy.Ready(false).Build(), Policy().DropWithoutBackend().Build()])),
        Is.EqualTo(new[] { "- policy to-proxy backend 10.0.0.80:80/TCP", "policy to-proxy: redirects -> refuses dials" }));

    [Test]
    public void Another_order_of_policies_is_a_difference()
    {
        static KubernetesObject Of(string name, int priority) => Policy(name).With(policy => policy with
        {
            Priority = priority,
            ClientSelector = new() { Include = [new() { HostProcesses = true }] },
        }).Build();

        Assert.That(
            Details(State([.. Web.Build(), Proxy.Build(), Of("a", 1), Of("b", 2)]), State([.. Web.Build(), Proxy.Build(), Of("a", 3), Of("b", 2)])),
            Is.EqualTo(new[] { "order of policies: b, a -> a, b" }));
    }

    [Test]
    public void Ranges_are_told()
    {
        var policy = new RedirectBuilder("all", "shop", "app=proxy").Address("10.0.0.0/8", 80, lastPort: 90).Build();
        Assert.That(
            Between(DesiredState.Empty, State(Proxy.Build(), policy)),
            Is.EqualTo(new[] { "Added /all:local-redirect 10.0.0.0/8:80-90/TCP: policy all: redirects; policy all backend 10.0.0.80:0/TCP" }));
    }

    [Test]
    public void Rows_are_ordered_by_service_and_frontend() => Assert.That(
        StateDifference.Between(
            DesiredState.Empty,
            State([.. new ServiceBuilder("b", "a").ClusterIP("10.96.0.9").Port(80).Build(), .. new ServiceBuilder("a", "b").ClusterIP("fd10::8", "10.96.0.8").Port(80).Build()]))
            .Select(static row => row.Frontend),
        Is.EqualTo(new[] { "10.96.0.8:80/TCP", "[fd10::8]:80/TCP", "10.96.0.9:80/TCP" }));
}
