namespace Datapath.Policy.Tests.Objects.Building;

internal sealed class RedirectBuilderTests
{
    private static readonly Pod s_proxy = new PodBuilder("sys", "proxy").Label("app", "proxy").OnNode("node-a").Address("10.0.0.80").Build();

    private static RedirectBuilder Builder => new("metadata", "sys", "app=proxy");

    private static RedirectBuilder Metadata => Builder.Address("169.254.169.254", 80).ToPort(8181);

    [Test]
    public void A_policy_redirects_what_was_said()
    {
        var policy = Metadata.Address("10.0.0.0/8", 1000, lastPort: 2000).Build();
        var compiler = Make.Compiler(policy, s_proxy);
        Assert.That(compiler.Status(policy).ToString(), Is.EqualTo("ClusterLocalRedirectPolicy metadata: Active: redirects 2 frontends to 1 pod"));
        var service = compiler.State.Services.Values.Single();
        Assert.That(service.Frontends.Single().Redirects.Single().Backends.Single().Address, Is.EqualTo(L4Address.Parse("10.0.0.80:8181")));
        Assert.That(service.Ranges.Single().ToString(), Is.EqualTo("10.0.0.0/8:1000-2000/TCP"));
    }

    [Test]
    public void Several_ports_are_paired_by_name()
    {
        var policy = Builder.Address("169.254.169.254", 80, backendPort: "web").Address("169.254.169.254", 90, backendPort: "admin")
            .ToPort(8080, name: "web").ToPort(9090, name: "admin").Build();
        Assert.That(
            Make.Compiler(policy, s_proxy).State.Services.Values.Single().Frontends.Select(static frontend => $"{frontend.Redirects[0].Backends[0].Address}"),
            Is.EqualTo(new[] { "10.0.0.80:8080/TCP", "10.0.0.80:9090/TCP" }));
    }

    [Test]
    public void Options_are_those_of_the_policy()
    {
        var policy = Metadata.DropWithoutBackend().SkipFromBackend().Service("sys", "dns").With(static policy => policy with { Priority = 7 }).Build();
        Assert.That(
            (policy.OnNoBackend, policy.SkipRedirectFromBackend, policy.Frontends[1].Service, policy.Priority),
            Is.EqualTo((NoBackendAction.Drop, true, new ServiceReference("sys", "dns"), 7)));
    }

    [Test]
    public void A_selector_that_is_none_is_refused_at_once() => Assert.That(
        static () => new RedirectBuilder("x", "sys", "=proxy"), Throws.TypeOf<FormatException>().With.Message.EqualTo("'=proxy' is no label selector; an example is app=proxy,tier!=test"));

    [Test]
    public void Wrong_values_are_refused_with_field_value_and_reason()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Rejection(Builder), Is.EqualTo("spec.frontends: needs at least one frontend"));
            Assert.That(Rejection(Builder.Address("10.0.0", 80)), Does.StartWith("spec.frontends[0].addresses[0]: '10.0.0' must be an IP address or a range in CIDR form"));
            Assert.That(Rejection(Builder.Address("10.0.0.1/8", 80)), Is.EqualTo("spec.frontends[0].addresses[0]: '10.0.0.1/8' has bits beyond its prefix: write 10.0.0.0/8"));
            Assert.That(Rejection(Builder.Address("10.0.0.1", 0)), Is.EqualTo("spec.frontends[0].ports[0].port: '0' must be 1 to 65535"));
            Assert.That(
                Rejection(Builder.Address("10.0.0.1", 80, lastPort: 79)), Is.EqualTo("spec.frontends[0].ports[0].endPort: '79' must be 80 (the port that the range starts with) to 65535"));
            Assert.That(
                Rejection(Metadata.Address("10.0.0.1", 80, backendPort: "web")),
                Is.EqualTo("spec.frontends[1].ports[0].backendPort: 'web' is not the name of a port in spec.backend.ports"));
            Assert.That(Rejection(Metadata.ToPort(1)), Does.Contain("spec.backend.ports[0].name"));
            Assert.That(Rejection(Builder.Service("Sys", "dns")), Does.StartWith("spec.frontends[0].service.namespace: 'Sys' "));
            Assert.That(Rejection(new RedirectBuilder("x", "sys", "").Service("sys", "dns")), Does.StartWith("spec.backend.selector: needs at least one label"));
        });
    }

    private static string Rejection(RedirectBuilder builder)
    {
        var policy = builder.Build();
        var status = Make.Compiler(policy).Status(policy);
        Assert.That(status.Condition, Is.EqualTo(ObjectCondition.Rejected));
        return status.Message;
    }
}
