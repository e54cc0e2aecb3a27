using Datapath.Policy.Tests.Compilation.Rules;

namespace Datapath.Policy.Tests.Compilation;

/// <summary>What a change allocates depends on the service that it is about, not on what else there is.</summary>
internal sealed class AllocationTests
{
    private static readonly Pod s_pod = new PodBuilder("default", "cache").Label("app", "cache").OnNode("node-a").Address("10.1.0.7").Build();

    [Test]
    public void A_change_allocates_the_same_among_any_number_of_services()
    {
        var alone = AllocatedByChange(services: 1, endpoints: 10);
        Assert.That(AllocatedByChange(services: 2000, endpoints: 10), Is.EqualTo(alone).Within(10).Percent);
    }

    [Test]
    public void A_change_allocates_in_proportion_to_its_service()
    {
        var small = AllocatedByChange(services: 1, endpoints: 10);
        Assert.That(AllocatedByChange(services: 1, endpoints: 100), Is.LessThan(10 * small));
    }

    [Test]
    public void A_change_of_a_redirected_service_allocates_the_same_whatever_else_its_policy_redirects()
    {
        var few = AllocatedByChange(services: 10, endpoints: 10, s_pod, Redirect(services: 2));
        Assert.That(AllocatedByChange(services: 100, endpoints: 10, s_pod, Redirect(services: 100)), Is.LessThan(few + 2048));
    }

    [Test]
    public void A_namespace_as_it_was_allocates_the_same_whatever_policies_look_at_namespaces()
    {
        var alone = AllocatedByNamespace();
        Assert.That(AllocatedByNamespace([.. Enumerable.Range(0, 50).Select(ForClients), s_pod]), Is.EqualTo(alone));
    }

    private static long AllocatedByNamespace(params ReadOnlySpan<KubernetesObject> others)
    {
        var compiler = Make.Compiler([.. others, Namespace()]);
        var least = long.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var batch = ObjectBatch.Upsert(Namespace());
            var before = GC.GetAllocatedBytesForCurrentThread();
            compiler.Apply(batch);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static Namespace Namespace() => new() { Metadata = Make.Labelled("default", "team", "x") };

    private static ClusterLocalRedirectPolicy ForClients(int number) => new RedirectBuilder($"p{number}", "default", "app=cache")
        .Address($"169.254.0.{number}", 80).With(static policy => policy with { ClientSelector = new() { Include = [new() { Namespaces = Given.Selector("team", "x") }] } }).Build();

    /// <summary>The least of several: a list may have to grow once.</summary>
    private static long AllocatedByChange(int services, int endpoints, params KubernetesObject[] others)
    {
        var compiler = Make.Compiler(
            [.. Enumerable.Range(0, services).Select(Service), .. Enumerable.Range(0, services).Select(number => Slice(number, endpoints, version: 0)), .. others]);
        var least = long.MaxValue;
        for (var version = 1; version < 20; version++)
        {
            var batch = ObjectBatch.Upsert(Slice(0, endpoints, version));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var result = compiler.Apply(batch);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.That(result.Changes.Upserted.Single().Frontends.Single().Backends, Has.Length.EqualTo(endpoints));
        }

        return least;
    }

    private static ClusterLocalRedirectPolicy Redirect(int services)
    {
        var policy = new RedirectBuilder("all", "default", "app=cache");
        for (var i = 0; i < services; i++)
            policy.Service("default", $"s{i}");
        return policy.Build();
    }

    private static Service Service(int number) => Make.Service($"s{number}", $"10.96.{number >> 8}.{number & 0xff}");

    private static EndpointSlice Slice(int number, int endpoints, int version) => Make.Slice(
        $"s{number}", $"s{number}", [.. Enumerable.Range(version, endpoints).Select(i => Make.Endpoint($"10.{number >> 8}.{number & 0xff}.{i}"))]);
}
