using System.Collections.Immutable;

namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>What a ClusterLocalRedirectPolicy redirects, where to, and for whom.</summary>
internal sealed class ClusterwideRulesTests
{
    private const string Cluster = "10.96.0.1:80";

    private static readonly Pod s_pod = Given.Pod();

    [TestCase("169.254.169.254/32", null)]
    [TestCase("169.254.169.254", 80)]
    public void A_single_address_and_port_is_a_frontend(string address, int? endPort)
    {
        var policy = Given.ClusterPolicy("local", Given.Addresses(address, new ClusterFrontendPort { Port = 80, EndPort = endPort }));
        var outcome = Outcome.Of(Given.Node, policy, s_pod);
        Assert.That(outcome.Redirects("169.254.169.254:80"), Is.EqualTo("local>10.1.0.7:80/TCP"), "the number that was dialled");
        Assert.That(outcome.Service("/local:local-redirect")!.Ranges, Is.Empty);
    }

    [TestCase("10.0.0.0/8", 80, "10.0.0.0/8:80/TCP")]
    [TestCase("10.0.0.1", 90, "10.0.0.1/32:80-90/TCP")]
    public void Everything_else_is_a_range(string address, int endPort, string expected)
    {
        var policy = Given.ClusterPolicy("local", Given.Addresses(address, new ClusterFrontendPort { Port = 80, EndPort = endPort }));
        var range = Outcome.Of(Given.Node, policy, s_pod).Service("/local:local-redirect")!.Ranges.Single();
        Assert.That(range.ToString(), Is.EqualTo(expected));
        Assert.That(Outcome.Redirects(range.Redirects), Is.EqualTo("local>10.1.0.7:0/TCP"), "the port stays");
    }

    [Test]
    public void A_range_may_lead_to_one_port()
    {
        var policy = Given.ClusterPolicy("local", Given.Addresses("fd00:ec2::/32", new ClusterFrontendPort { Port = 1, EndPort = 65535 }));
        var range = Outcome.Of(Given.Node, Ports(policy, new RedirectPort { Port = 9090 }), s_pod).Ranges.Single();
        Assert.That(Outcome.Redirects(range.Redirects), Is.EqualTo("local>[fd01::7]:9090/TCP"));
    }

    [Test]
    public void A_backend_address_stands_for_the_pods_whatever_addresses_they_have()
    {
        var policy = Given.ClusterPolicy();
        policy = policy with { Backend = policy.Backend with { BackendAddress = "192.0.2.9" } };
        var bare = s_pod with { Status = s_pod.Status with { PodIPs = [] } };
        foreach (var pod in new[] { s_pod, bare })
            Assert.That(Outcome.Of(Given.Node, policy, pod).Redirects("169.254.169.254:80"), Is.EqualTo("local>192.0.2.9:80/TCP"));
        Assert.That(Outcome.Of(Given.Node, policy).Listing, Is.Empty, "without a pod");
    }

    [Test]
    public void All_ports_of_a_service_go_to_the_port_of_their_name_or_the_only_one_of_their_protocol()
    {
        var service = Given.ClusterService(new ServicePort { Name = "http", Port = 80 }, new ServicePort { Name = "x", Port = 81 });
        var policy = Given.ClusterPolicy("local", Given.OfService());
        Assert.That(Outcome.Of(Given.Node, service, policy, s_pod).Redirects("10.96.0.1:81"), Is.EqualTo("local>10.1.0.7:81/TCP"));
        var one = Ports(policy, new RedirectPort { Port = 8080, Name = "other" });
        Assert.That(Outcome.Of(Given.Node, service, one, s_pod).Redirects(Cluster), Is.EqualTo("local>10.1.0.7:8080/TCP"));
        var two = Ports(policy, new RedirectPort { Port = 8080, Name = "http" }, new RedirectPort { Port = 8081, Name = "dns" });
        Assert.That(Outcome.Of(Given.Node, service, two, s_pod).Redirects(Cluster), Is.EqualTo("local>10.1.0.7:8080/TCP"));
        Assert.That(Outcome.Of(Given.Node, service, two, s_pod).Redirects("10.96.0.1:81"), Is.Empty);
    }

    [Test]
    public void Chosen_ports_of_a_service_go_where_the_policy_says()
    {
        var service = Given.ClusterService(new ServicePort { Name = "http", Port = 80 }, new ServicePort { Name = "x", Port = 90 });
        var policy = Given.ClusterPolicy("local", Given.OfService(new ClusterFrontendPort { Port = 75, EndPort = 85, BackendPort = "b" }));
        var outcome = Outcome.Of(
            Given.Node, service, Ports(policy, new RedirectPort { Port = 8080, Name = "a" }, new RedirectPort { Port = 8081, Name = "b" }), s_pod);
        Assert.That(outcome.Redirects(Cluster), Is.EqualTo("local>10.1.0.7:8081/TCP"));
        Assert.That(outcome.Redirects("10.96.0.1:90"), Is.Empty);
    }

    [Test]
    public void Clients_are_those_included_or_all_but_those_excluded()
    {
        var other = Given.Pod("client").With(meta => meta with { Namespace = "apps", Labels = meta.Labels.Clear() });
        var host = Given.Pod("agent") with { Spec = s_pod.Spec with { HostNetwork = true } };
        var apps = new ClientPeer { Namespaces = Given.Selector(Namespace.NameLabel, "apps") };
        var included = Clients(new() { Include = [apps] }, s_pod, other, host);
        Assert.That((included.HostProcesses, included.AllPodsExcept), Is.EqualTo((false, false)));
        Assert.That(included.Pods, Is.EqualTo(new[] { new PodName("apps", "client") }));
        var excluded = Clients(new() { Exclude = [apps, new() { HostProcesses = true }] }, s_pod, other, host);
        Assert.That((excluded.HostProcesses, excluded.AllPodsExcept), Is.EqualTo((false, true)));
        Assert.That(excluded.Pods, Is.EqualTo(new[] { new PodName("apps", "client") }));
    }

    [Test]
    public void Labels_of_namespaces_count()
    {
        var labelled = new Namespace { Metadata = Make.Labelled("default", "team", "x") };
        var selector = new ClientSelector { Include = [new() { Namespaces = Given.Selector("team", "x") }] };
        Assert.That(Clients(selector, s_pod, labelled).Pods, Has.Length.EqualTo(1));
        Assert.That(Clients(selector, s_pod).Pods, Is.Empty);
    }

    [Test]
    public void A_policy_for_some_leaves_the_others_to_the_next()
    {
        var some = Given.ClusterPolicy("some") with { ClientSelector = new() { Include = [new() { HostProcesses = true }] } };
        var outcome = Outcome.Of(Given.Node, some, Given.AddressPolicy(), s_pod);
        Assert.That(outcome.Redirects("169.254.169.254:80"), Is.EqualTo("some>10.1.0.7:80/TCP; local>10.1.0.7:8080/TCP"));
        Assert.That(outcome.Service("/some:local-redirect")!.Frontends, Has.Length.EqualTo(1));
    }

    private static RedirectClients Clients(ClientSelector selector, params ImmutableArray<KubernetesObject> objects)
    {
        KubernetesObject[] all = [.. objects, Given.ClusterPolicy() with { ClientSelector = selector }];
        return Outcome.Of(Given.Node, all).Frontend("169.254.169.254:80").Redirects.Single().Clients;
    }

    private static ClusterLocalRedirectPolicy Ports(ClusterLocalRedirectPolicy policy, params ImmutableArray<RedirectPort> ports) =>
        policy with { Backend = policy.Backend with { Ports = ports } };
}
