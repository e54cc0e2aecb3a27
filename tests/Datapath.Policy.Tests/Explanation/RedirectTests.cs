namespace Datapath.Policy.Tests.Explanations;

internal sealed class RedirectTests
{
    private static readonly KubernetesObject[] s_dns =
    [
        .. new ServiceBuilder("sys", "dns").ClusterIP("10.96.0.10", "fd10::a").Port(53, protocol: L4Protocol.Udp, name: "dns").Port(9153, name: "metrics")
            .Backend("10.0.2.1").Backend("fd00:2::1").Build(),
    ];

    private static PodBuilder Cache => new PodBuilder("sys", "cache").Label("app", "cache").OnNode("node-a").Address("10.0.0.53").Port(53, L4Protocol.Udp, "dns");

    private static RedirectBuilder Policy => new RedirectBuilder("to-cache", "sys", "app=cache").Service("sys", "dns").ToPort(53, L4Protocol.Udp);

    private static string[] Redirects(string to, params KubernetesObject[] objects) => Explained.Compile([.. s_dns, .. objects]).Explain(to).Steps(ExplanationTopic.Redirect);

    [Test]
    public void A_redirect_names_its_pod()
    {
        var explanation = Explained.Compile([.. s_dns, Cache.Build(), Policy.Build()]).Explain("10.96.0.10:53/UDP");
        Assert.That(explanation.Steps(ExplanationTopic.Redirect), Is.EqualTo(new[] { "+ policy to-cache: redirects to 1 backend" }));
        Assert.That(explanation.Steps(ExplanationTopic.Backend), Is.EqualTo(new[] { "+ 10.0.0.53:53/UDP: pod sys/cache, ready on this node" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ goes to 10.0.0.53:53/UDP: redirected by policy to-cache"));
        Assert.That(explanation.Backends.Single().Address, Is.EqualTo(L4Address.Parse("10.0.0.53:53/UDP")));
    }

    [Test]
    public void Other_ports_of_the_service_are_not_meant() =>
        Assert.That(Redirects("10.96.0.10:9153", Cache.Build(), Policy.Build()), Is.EqualTo(new[] { "- policy to-cache: means other ports of the service" }));

    [Test]
    public void A_pod_of_one_family_leaves_the_other_to_the_service()
    {
        var explanation = Explained.Compile([.. s_dns, Cache.Build(), Policy.Build()]).Explain("[fd10::a]:53/UDP");
        Assert.That(explanation.Steps(ExplanationTopic.Redirect), Is.EqualTo(new[] { "- policy to-cache: pod sys/cache, ready on this node, has no address of IPv6" }));
        Assert.That(explanation.Result(), Does.StartWith("+ goes to [fd00:2::1]:53/UDP"));
    }

    [Test]
    public void The_reason_why_there_is_no_backend_is_told()
    {
        var policy = Policy.Build();
        Assert.That(Redirects("10.96.0.10:53/UDP", policy), Is.EqualTo(new[] { "- policy to-cache: no pod on this node in namespace sys matches 'app=cache'" }));
        Assert.That(
            Redirects("10.96.0.10:53/UDP", policy, Cache.OnNode("node-b").Build()),
            Is.EqualTo(new[] { "- policy to-cache: no pod on this node in namespace sys matches 'app=cache'" }));
        Assert.That(
            Redirects("10.96.0.10:53/UDP", policy, Cache.Ready(false).Build()), Is.EqualTo(new[] { "- policy to-cache: pod sys/cache on this node is not ready" }));
    }

    [Test]
    public void A_namespaced_policy_wants_declared_ports_with_the_right_names()
    {
        var policy = new CiliumLocalRedirectPolicy
        {
            Metadata = new() { Namespace = "sys", Name = "cache" },
            Frontend = new() { ServiceMatcher = new() { ServiceName = "dns", Namespace = "sys" } },
            Backend = new()
            {
                LocalEndpointSelector = new(Cache.Build().Metadata.Labels),
                ToPorts = [new() { Name = "dns", Port = 53, Protocol = L4Protocol.Udp }, new() { Name = "metrics", Port = 9253 }],
            },
        };
        Assert.That(
            Redirects("10.96.0.10:9153", policy, Cache.Build()),
            Is.EqualTo(new[] { "- policy sys/cache: pod sys/cache, ready on this node, declares none of its TCP ports named 'metrics'" }));
        Assert.That(Redirects("10.96.0.10:53/UDP", policy, Cache.Build()), Is.EqualTo(new[] { "+ policy sys/cache: redirects to 1 backend" }));
    }

    [Test]
    public void Other_clients_are_not_meant_and_a_later_policy_may_mean_them()
    {
        var first = Policy.With(static policy => policy with
        {
            Metadata = policy.Metadata with { Name = "first" },
            Priority = 1,
            ClientSelector = new() { Include = [new() { HostProcesses = true }] },
        }).Build();
        Assert.That(
            Redirects("10.96.0.10:53/UDP", first, Policy.Build(), Cache.Build()),
            Is.EqualTo(new[] { "- policy first: is for other clients (clientSelector)", "+ policy to-cache: redirects to 1 backend" }));
        var host = Explained.Compile([.. s_dns, first, Policy.Build(), Cache.Build()]).Explain("10.96.0.10:53/UDP", "host");
        Assert.That(host.Steps(ExplanationTopic.Redirect), Is.EqualTo(new[] { "+ policy first: redirects to 1 backend" }));
    }

    [Test]
    public void A_backend_that_is_left_alone_reaches_the_service()
    {
        var explanation = Explained.Compile([.. s_dns, Policy.SkipFromBackend().Build(), Cache.Build()]).Explain("10.96.0.10:53/UDP", "sys/cache");
        Assert.That(
            explanation.Steps(ExplanationTopic.Redirect),
            Is.EqualTo(new[] { "- policy to-cache: leaves its own backends alone, and the client is one (skipRedirectFromBackend)" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ goes to 10.0.2.1:53/UDP: chosen at random"));
    }

    [Test]
    public void A_policy_may_refuse_dials_and_says_why()
    {
        var explanation = Explained.Compile([.. s_dns, Policy.DropWithoutBackend().Build(), Cache.Ready(false).Build()]).Explain("10.96.0.10:53/UDP");
        Assert.That(explanation.Outcome, Is.EqualTo(DialOutcome.Refused));
        Assert.That(
            explanation.Steps(ExplanationTopic.Redirect),
            Is.EqualTo(new[] { "+ policy to-cache: refuses dials while it has no backend, and pod sys/cache on this node is not ready" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ is refused: policy to-cache wants it so while it has no backend"));
    }

    [Test]
    public void A_policy_that_comes_later_is_told()
    {
        var late = Policy.With(static policy => policy with { Metadata = policy.Metadata with { Name = "zz" } }).Build();
        Assert.That(
            Redirects("10.96.0.10:53/UDP", late, Policy.Build(), Cache.Build()),
            Is.EqualTo(new[] { "+ policy to-cache: redirects to 1 backend", "- policy zz: policy to-cache comes first, and is for everybody" }));
    }

    [Test]
    public void Only_cluster_addresses_are_redirected()
    {
        var service = (Service)s_dns[0];
        service = service with { Spec = service.Spec with { ExternalIPs = ["198.51.100.10"] } };
        Assert.That(
            Explained.Compile([.. s_dns[1..], service, Policy.Build(), Cache.Build()]).Explain("198.51.100.10:53/UDP").Steps(ExplanationTopic.Redirect),
            Is.EqualTo(new[] { "- policy to-cache: redirects cluster addresses only, and this is ExternalIPs" }));
    }

    [Test]
    public void Policies_that_are_switched_off_are_told()
    {
        var compiler = Explained.Compile(Explained.Node with { EnableLocalRedirect = false }, [.. s_dns, Policy.Build(), Cache.Build()]);
        Assert.That(
            compiler.Explain("10.96.0.10:53/UDP").Steps(ExplanationTopic.Redirect),
            Is.EqualTo(new[] { "- policy to-cache: is not in force: local redirect is switched off on this node" }));
    }
}
