using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>What a CiliumLocalRedirectPolicy redirects, and where to.</summary>
internal sealed class NamespacedRedirectRulesTests
{
    private const string Cluster = "10.96.0.1:80";
    private const string Metadata = "169.254.169.254:80";

    private static readonly Pod s_pod = Given.Pod("cache", new ContainerPort { Name = "http", Port = 8080 });

    private static readonly ImmutableArray<RedirectPort> s_twoPorts =
        [new() { Name = "http", Port = 80 }, new() { Name = "dns", Port = 53, Protocol = L4Protocol.Udp }];

    [Test]
    public void The_cluster_addresses_of_a_service_are_redirected_and_keep_their_own_backends()
    {
        var outcome = Outcome.Of(Given.Node, Given.Service(), Given.Slice(Given.Endpoint("10.1.0.1")), Given.ServicePolicy(), s_pod);
        Assert.That(outcome.Redirects(Cluster), Is.EqualTo("local>10.1.0.7:8080/TCP"));
        Assert.That(outcome.Backends(Cluster), Is.EqualTo("10.1.0.1:8080/TCP"));
        Assert.That(outcome.Frontend(Cluster).Flags, Is.EqualTo(FrontendFlags.None), "a redirect makes nothing routable");
        Assert.That(outcome.Frontend("203.0.113.1:80").Redirects, Is.Empty);
        Assert.That(outcome.Service("local:local-redirect")!.Frontends, Is.Empty);
        Assert.That(outcome.Condition(Given.ServicePolicy()), Is.EqualTo(ObjectCondition.Active));
    }

    [Test]
    public void Only_ports_that_the_policy_names_by_number_and_protocol_are_redirected()
    {
        var service = Given.ClusterService(new ServicePort { Name = "a", Port = 80 }, new ServicePort { Name = "b", Port = 81 });
        var outcome = Outcome.Of(Given.Node, service, Given.ServicePolicy("local", new RedirectPort { Port = 80, Name = "other" }), s_pod);
        Assert.That(outcome.Redirects(Cluster), Is.EqualTo("local>10.1.0.7:8080/TCP"), "one port: names are not compared");
        Assert.That(outcome.Redirects("10.96.0.1:81"), Is.Empty);
        Assert.That(outcome.Redirects("[fd96::1]:80"), Is.EqualTo("local>[fd01::7]:8080/TCP"));
    }

    [Test]
    public void Several_ports_are_paired_by_name()
    {
        var service = Given.ClusterService(
            new ServicePort { Name = "http", Port = 80 }, new ServicePort { Name = "dns", Port = 53, Protocol = L4Protocol.Udp });
        var policy = Backend(
            Given.ServicePolicy("local", s_twoPorts), new() { Name = "HTTP", Port = 8080 }, new() { Name = "dns", Port = 5353, Protocol = L4Protocol.Udp });
        var outcome = Outcome.Of(Given.Node, service, policy, s_pod);
        Assert.That(outcome.Redirects(Cluster), Is.EqualTo("local>10.1.0.7:8080/TCP"));
        Assert.That(outcome.Redirects("10.96.0.1:53/UDP"), Is.Empty, "the pod does not serve it");
        Assert.That(Outcome.Of(Given.Node, service, policy, Given.Pod()).Redirects(Cluster), Is.Empty, "nor does a pod that declares nothing");
    }

    [Test]
    public void A_pod_that_declares_nothing_serves_the_first_port_of_the_policy() =>
        Assert.That(Outcome.Of(Given.Node, Given.Service(), Given.ServicePolicy(), Given.Pod()).Redirects(Cluster), Is.EqualTo("local>10.1.0.7:8080/TCP"));

    [TestCase(false, "")]
    [TestCase(true, "local>")]
    public void Without_a_backend_dials_go_on_or_are_refused(bool drops, string expected)
    {
        var policy = drops ? Given.ServicePolicy().Annotated(CiliumLocalRedirectPolicy.OnNoBackendAnnotation, "drop") : Given.ServicePolicy();
        var unready = s_pod with { Status = s_pod.Status with { Conditions = [] } };
        var outcome = Outcome.Of(Given.Node, Given.Service(), policy, unready);
        Assert.That(outcome.Redirects(Cluster), Is.EqualTo(expected));
        Assert.That(outcome.Condition(policy), Is.EqualTo(ObjectCondition.NoBackends));
    }

    [Test]
    public void Pods_of_other_nodes_other_namespaces_and_pods_that_have_ended_do_not_qualify()
    {
        Pod[] others =
        [
            s_pod with { Spec = s_pod.Spec with { NodeName = "node-b" } },
            s_pod.With(meta => meta with { Namespace = "other" }),
            s_pod.With(meta => meta with { Labels = meta.Labels.Clear() }),
            s_pod with { Status = s_pod.Status with { Phase = PodPhase.Failed } },
        ];
        foreach (var other in others)
            Assert.That(Outcome.Of(Given.Node, Given.Service(), Given.ServicePolicy(), other).Redirects(Cluster), Is.Empty);
    }

    [Test]
    public void An_address_is_a_frontend_of_the_policy()
    {
        var outcome = Outcome.Of(Given.Node, Given.AddressPolicy(), s_pod);
        var frontend = outcome.Service("local:local-redirect")!.Frontends.Single();
        Assert.That(frontend.Address.ToString(), Is.EqualTo(Metadata + "/TCP"));
        Assert.That((frontend.Type, frontend.Flags), Is.EqualTo((FrontendType.LocalRedirect, FrontendFlags.LocalRedirect | FrontendFlags.Routable)));
        Assert.That(outcome.Redirects(Metadata), Is.EqualTo("local>10.1.0.7:8080/TCP"));
        Assert.That(Outcome.Of(Given.Node, Given.AddressPolicy()).Listing, Is.Empty, "not without a pod");
    }

    [Test]
    public void An_address_outside_the_allowed_ranges_is_refused()
    {
        var node = Given.Node with { AddressMatcherCidrs = [System.Net.IPNetwork.Parse("10.0.0.0/8")] };
        var outcome = Outcome.Of(node, Given.AddressPolicy(), s_pod);
        Assert.That(outcome.Service("local:local-redirect"), Is.Null);
        Assert.That(outcome.Condition(Given.AddressPolicy()), Is.EqualTo(ObjectCondition.Rejected));
    }

    [Test]
    public void Backends_may_be_left_out_of_their_own_redirect()
    {
        var policy = Given.ServicePolicy() with { SkipRedirectFromBackend = true };
        var unready = Given.Pod("b") with { Status = PodStatus.Empty };
        var redirect = Outcome.Of(Given.Node, Given.Service(), policy, s_pod, unready).Frontend(Cluster).Redirects.Single();
        Assert.That(redirect.SkippedPods, Is.EqualTo(new[] { new PodName("default", "b"), new PodName("default", "cache") }));
        Assert.That(redirect.Clients.IsEverybody);
    }

    [Test]
    public void Policies_that_are_switched_off_do_nothing()
    {
        var outcome = Outcome.Of(Given.Node with { EnableLocalRedirect = false }, Given.Service(), Given.ServicePolicy(), s_pod);
        Assert.That(outcome.Redirects(Cluster), Is.Empty);
        Assert.That(outcome.Condition(Given.ServicePolicy()), Is.EqualTo(ObjectCondition.Skipped));
    }

    private static CiliumLocalRedirectPolicy Backend(CiliumLocalRedirectPolicy policy, params ImmutableArray<RedirectPort> ports) =>
        policy with { Backend = policy.Backend with { ToPorts = ports } };
}
