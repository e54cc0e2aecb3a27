namespace Datapath.Policy.Tests.Objects.Building;

/// <summary>How a user tests a policy: without a cluster, a kernel or root.</summary>
internal sealed class PolicyOfOneNodeTests
{
    [Test]
    public void Dns_stays_on_the_node_and_the_cache_asks_the_cluster()
    {
        var compiler = new PolicyCompiler(new() { Name = "worker-1" });
        compiler.Apply(ObjectBatch.Upsert(
        [
            .. new ServiceBuilder("kube-system", "kube-dns").ClusterIP("10.96.0.10").Port(53, protocol: L4Protocol.Udp).Backend("10.244.2.4").Build(),
            new PodBuilder("kube-system", "cache").Label("app", "cache").OnNode("worker-1").Address("10.244.1.7").Build(),
            new RedirectBuilder("dns-cache", "kube-system", "app=cache").Service("kube-system", "kube-dns").SkipFromBackend().Build(),
        ]));

        var dns = L4Address.Parse("10.96.0.10:53/UDP");
        var client = compiler.Explain(DialClient.OfPod(new("shop", "checkout")), dns);
        var cache = compiler.Explain(DialClient.OfPod(new("kube-system", "cache")), dns);
        Assert.That(client.Backends.Single().Address, Is.EqualTo(L4Address.Parse("10.244.1.7:53/UDP")));
        Assert.That(cache.Backends.Single().Address, Is.EqualTo(L4Address.Parse("10.244.2.4:53/UDP")));
    }
}
