using System.Collections.Immutable;
using System.Net;

namespace Datapath.Policy.Tests.Explanations;

internal sealed class AddressPolicyTests
{
    private static PodBuilder Proxy => new PodBuilder("sys", "proxy").Label("app", "proxy").OnNode("node-a").Address("10.0.0.80").Port(8181);

    private static RedirectBuilder Policy(string name = "metadata", string address = "169.254.169.254", int port = 80, int? lastPort = null) =>
        new RedirectBuilder(name, "sys", "app=proxy").Address(address, port, lastPort: lastPort).ToPort(8181);

    private static Explanation Explain(string to, params KubernetesObject[] objects) => Explained.Compile(objects).Explain(to);

    [Test]
    public void An_address_goes_to_the_pod()
    {
        var explanation = Explain("169.254.169.254:80", Proxy.Build(), Policy().Build());
        Assert.That(explanation.Steps(ExplanationTopic.Frontend), Is.EqualTo(new[] { "+ 169.254.169.254:80/TCP: LocalRedirect of policy metadata" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ goes to 10.0.0.80:8181/TCP: redirected by policy metadata"));
    }

    [Test]
    public void Without_a_ready_pod_it_is_left_alone_and_the_policy_says_why()
    {
        var explanation = Explain("169.254.169.254:80", Proxy.Ready(false).Build(), Policy().Build());
        Assert.That(explanation.Steps(ExplanationTopic.Redirect), Is.EqualTo(new[] { "- policy metadata: pod sys/proxy on this node is not ready" }));
        Assert.That(explanation.Result(), Is.EqualTo("+ goes to 169.254.169.254:80/TCP itself: nothing is served there"));
    }

    [Test]
    public void Another_port_of_the_address_is_left_alone()
    {
        var explanation = Explain("169.254.169.254:81", Proxy.Build(), Policy().Build());
        Assert.That(explanation.Steps(ExplanationTopic.Frontend), Is.EqualTo(new[] { "- policy metadata: has the IP address, but at 169.254.169.254:80/TCP" }));
        Assert.That(explanation.Outcome, Is.EqualTo(DialOutcome.Direct));
    }

    [Test]
    public void Clients_that_nobody_means_and_backends_go_to_the_address_itself()
    {
        var compiler = Explained.Compile(
            Proxy.Build(),
            Policy().SkipFromBackend().With(static policy => policy with { ClientSelector = new() { Exclude = [new() { HostProcesses = true }] } }).Build());
        Assert.That(
            compiler.Explain("169.254.169.254:80", "host").Result(),
            Is.EqualTo("+ goes to 169.254.169.254:80/TCP itself: no policy for the address means this client"));
        Assert.That(
            compiler.Explain("169.254.169.254:80", "sys/proxy").Result(), Is.EqualTo("+ goes to 169.254.169.254:80/TCP itself: policy metadata leaves the client alone"));
    }

    [Test]
    public void A_backend_address_stands_for_the_pods()
    {
        var policy = Policy().With(static policy => policy with { Backend = policy.Backend with { BackendAddress = "169.254.169.252" } }).Build();
        Assert.That(
            Explain("169.254.169.254:80", Proxy.Build(), policy).Steps(ExplanationTopic.Backend),
            Is.EqualTo(new[] { "+ 169.254.169.252:8181/TCP: the policy's backendAddress, in place of pod sys/proxy, ready on this node" }));
        Assert.That(
            Explain("[fd00::254]:80", Proxy.Build(), policy with { Frontends = Policy(address: "fd00::254").Build().Frontends }).Steps(ExplanationTopic.Redirect),
            Is.EqualTo(new[] { "- policy metadata: its backendAddress is not of IPv6" }));
    }

    [Test]
    public void An_address_of_a_service_has_to_be_matched_by_the_service() => Assert.That(
        Explain("10.96.0.1:80", [Make.Service("web"), Proxy.Build(), Policy(address: "10.96.0.1").Build()]).Steps(ExplanationTopic.Redirect),
        Is.EqualTo(new[] { "- policy metadata: 10.96.0.1:80/TCP belongs to service default/web: name the service instead (spec.frontends[].service)" }));

    [Test]
    public void A_host_port_comes_before_a_policy() => Assert.That(
        Explain("192.0.2.1:8080", new PodBuilder("a", "b").OnNode("node-a").Address("10.0.0.7").Port(80, hostPort: 8080).Build(), Proxy.Build(), Policy(address: "192.0.2.1", port: 8080).Build())
            .Steps(ExplanationTopic.Redirect),
        Is.EqualTo(new[] { "- policy metadata: 192.0.2.1:8080/TCP belongs to host port of pod a/b" }));

    [Test]
    public void A_rejected_policy_is_told_with_its_reason()
    {
        var node = Explained.Node with { AddressMatcherCidrs = [IPNetwork.Parse("10.0.0.0/8")] };
        var policy = new CiliumLocalRedirectPolicy
        {
            Metadata = new() { Namespace = "sys", Name = "metadata" },
            Frontend = new() { AddressMatcher = new() { IP = "169.254.169.254", ToPorts = [new() { Port = 80 }] } },
            Backend = new() { LocalEndpointSelector = new(ImmutableDictionary<string, string>.Empty.Add("app", "proxy")), ToPorts = [new() { Port = 8181 }] },
        };
        Assert.That(
            Explained.Compile(node, Proxy.Build(), policy).Explain("169.254.169.254:80").Steps(ExplanationTopic.Redirect),
            Is.EqualTo(new[]
            {
                "- policy sys/metadata: is rejected: spec.redirectFrontend.addressMatcher.ip: '169.254.169.254' is in none of the ranges that are allowed: 10.0.0.0/8",
            }));
    }

    [Test]
    public void Of_several_ranges_the_most_special_counts()
    {
        var explanation = Explain("10.1.2.3:85", Proxy.Build(), Policy("wide", "10.0.0.0/8", 80, 90).Build(), Policy("narrow", "10.1.0.0/16", 80, 90).Build());
        Assert.That(explanation.Steps(ExplanationTopic.Frontend), Is.EqualTo(new[] { "+ 10.1.0.0/16:80-90/TCP: the most special range that contains the address" }));
        Assert.That(
            explanation.Steps(ExplanationTopic.Redirect),
            Is.EqualTo(new[] { "+ policy narrow: redirects to 1 backend", "- policy wide: means a wider range that the address is in" }));
    }

    [Test]
    public void A_range_without_a_port_of_its_own_keeps_the_dialled_one()
    {
        var policy = new RedirectBuilder("all", "sys", "app=proxy").Address("10.0.0.0/8", 1, lastPort: 65535).Build();
        var explanation = Explain("10.1.2.3:85", Proxy.Build(), policy);
        Assert.That(explanation.Result(), Is.EqualTo("+ goes to 10.0.0.80:85/TCP: redirected by policy all"));
        Assert.That(explanation.Steps(ExplanationTopic.Backend), Is.EqualTo(new[] { "+ 10.0.0.80:85/TCP: pod sys/proxy, ready on this node" }));
    }

    [Test]
    public void A_frontend_of_its_own_comes_before_a_range() => Assert.That(
        Explain("10.96.0.1:80", [Make.Service("web"), Proxy.Build(), Policy(address: "10.0.0.0/8").Build()]).Steps(ExplanationTopic.Redirect),
        Is.EqualTo(new[] { "- policy metadata: means a range that the address is in, and the address has a frontend of its own" }));

    [Test]
    public void A_range_without_a_ready_pod_is_told()
    {
        var explanation = Explain("10.1.2.3:80", Proxy.Ready(false).Build(), Policy(address: "10.0.0.0/8").Build());
        Assert.That(explanation.Steps(ExplanationTopic.Redirect), Is.EqualTo(new[] { "- policy metadata: pod sys/proxy on this node is not ready" }));
        Assert.That(explanation.Outcome, Is.EqualTo(DialOutcome.Direct));
    }

    [Test]
    public void A_range_for_others_leaves_the_client_alone() => Assert.That(
        Explain(
            "10.1.2.3:80", Proxy.Build(),
            Policy(address: "10.0.0.0/8").With(static policy => policy with { ClientSelector = new() { Include = [new() { HostProcesses = true }] } }).Build()).Result(),
        Is.EqualTo("+ goes to 10.1.2.3:80/TCP itself: no policy for the address means this client"));
}
