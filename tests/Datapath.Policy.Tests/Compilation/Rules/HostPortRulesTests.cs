namespace Datapath.Policy.Tests.Compilation.Rules;

/// <summary>The ports of the node that pods ask for.</summary>
internal sealed class HostPortRulesTests
{
    private static readonly ContainerPort s_port = new() { Port = 8080, HostPort = 80 };

    [Test]
    public void A_host_port_is_a_service_on_all_addresses_of_the_families_of_the_pod()
    {
        var outcome = Outcome.Of(Given.Node, Given.Pod("cache", s_port, s_port with { Protocol = L4Protocol.Udp }));
        Assert.That(outcome.Service("cache:host-port:80:7")!.Frontends.Select(frontend => $"{frontend.Address}"), Is.EqualTo(new[]
        {
            "[::]:80/TCP", "0.0.0.0:80/TCP", "[::]:80/UDP", "0.0.0.0:80/UDP",
        }));
        Assert.That(outcome.Backends("0.0.0.0:80"), Is.EqualTo("10.1.0.7:8080/TCP"));
        Assert.That(outcome.Frontend("[::]:80/UDP").NodeAddresses.Single().ToString(), Is.EqualTo("[fd00::1]:80/UDP"));
        Assert.That(outcome.Frontend("[::]:80").Flags, Is.EqualTo(FrontendFlags.HostPort));
    }

    [Test]
    public void Each_port_number_is_a_service_of_its_own() =>
        Assert.That(Outcome.Of(Given.Node, Given.Pod("cache", s_port, s_port with { HostPort = 81 })).Service("cache:host-port:81:7"), Is.Not.Null);

    [TestCase("192.0.2.1", "192.0.2.1:80/TCP HostPort", FrontendFlags.HostPort | FrontendFlags.Routable)]
    [TestCase("127.0.0.1", "0.0.0.0:80/TCP HostPort", FrontendFlags.HostPort | FrontendFlags.LoopbackOrDelegate)]
    [TestCase("::1", "[::]:80/TCP HostPort", FrontendFlags.HostPort | FrontendFlags.LoopbackOrDelegate)]
    public void A_host_IP_limits_the_port_to_it(string hostIP, string expected, FrontendFlags flags)
    {
        var outcome = Outcome.Of(Given.Node, Given.Pod("cache", s_port with { HostIP = hostIP }));
        Assert.That(outcome.Listing, Is.EqualTo(new[] { expected }));
        Assert.That(outcome.Frontends.Single().Flags, Is.EqualTo(flags));
        Assert.That(outcome.Frontends.Single().NodeAddresses, Is.Empty);
    }

    [Test]
    public void The_same_port_on_two_addresses_leads_to_the_container_that_asks_for_each()
    {
        var outcome = Outcome.Of(Given.Node, Given.Pod(
            "cache", s_port with { HostIP = "192.0.2.1" }, s_port with { Port = 9090, HostIP = "192.0.2.9" },
            s_port with { Port = 7070, HostIP = "192.0.2.1" }));
        Assert.That(outcome.Backends("192.0.2.1:80"), Is.EqualTo("10.1.0.7:8080/TCP"), "the first of two on one address");
        Assert.That(outcome.Backends("192.0.2.9:80"), Is.EqualTo("10.1.0.7:9090/TCP"));
    }

    [TestCase("0.0.0.0")]
    [TestCase("::")]
    public void The_unspecified_address_as_host_IP_gives_no_frontend(string hostIP)
    {
        var pod = Given.Pod("cache", s_port with { HostIP = hostIP });
        var outcome = Outcome.Of(Given.Node, pod);
        Assert.That(outcome.Listing, Is.Empty);
        Assert.That(outcome.Condition(pod), Is.EqualTo(ObjectCondition.Accepted));
    }

    [Test]
    public void Sidecars_count_and_other_init_containers_do_not()
    {
        var pod = Given.Pod();
        var init = new[] { new Container { Ports = [s_port], IsSidecar = true }, new Container { Ports = [s_port with { HostPort = 81 }] } };
        Assert.That(Outcome.Of(Given.Node, pod with { Spec = pod.Spec with { InitContainers = [.. init] } }).Listing, Has.Length.EqualTo(2));
    }

    [Test]
    public void Pods_that_do_not_serve_here_have_none()
    {
        var pod = Given.Pod("cache", s_port);
        KubernetesObject[] others =
        [
            pod with { Spec = pod.Spec with { NodeName = "node-b" } },
            pod with { Spec = pod.Spec with { HostNetwork = true } },
            pod with { Status = pod.Status with { Phase = PodPhase.Succeeded } },
            pod.With(meta => meta with { DeletionTimestamp = DateTimeOffset.UnixEpoch }),
            Given.Pod("cache", s_port with { HostPort = 30000 }),
        ];
        foreach (var other in others)
            Assert.That(Outcome.Of(Given.Node, other).Listing, Is.Empty);
        Assert.That(Outcome.Of(Given.Node with { KubeProxyReplacement = false }, pod).Listing, Is.Empty);
        Assert.That(Outcome.Of(Given.Node with { Name = "" }, pod with { Spec = pod.Spec with { NodeName = "" } }).Listing, Is.Empty);
    }
}
