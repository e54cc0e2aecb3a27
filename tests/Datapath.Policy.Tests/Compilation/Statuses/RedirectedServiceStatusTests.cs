using Datapath.Policy.Tests.Compilation.Rules;

namespace Datapath.Policy.Tests.Compilation.Statuses;

/// <summary>What a service is told of the policies that redirect it.</summary>
[TestFixture]
internal sealed class RedirectedServiceStatusTests
{
    private static readonly Service s_service = Given.ClusterService();
    private static readonly EndpointSlice s_slice = Given.Slice(Given.Endpoint("10.0.0.1"));

    private static RedirectBuilder Dropping => new RedirectBuilder("cw", "default", "app=cache").Service("default", "web").DropWithoutBackend();

    [Test]
    public void Refused_everywhere_it_has_no_backends() => Assert.That(
        Told(out _, Dropping.Build()), Is.EqualTo("NoBackends: 2 frontends, refused by policy cw"));

    [Test]
    public void Refused_in_part_it_is_active()
    {
        var pod = Given.Pod();
        Assert.That(
            Told(out var isPartial, Dropping.Build(), pod with { Status = pod.Status with { PodIPs = ["10.1.0.7"] } }),
            Is.EqualTo("Active: 2 frontends, 1 of them redirected, 1 of them refused by policy cw"));
        Assert.That(isPartial);
    }

    [Test]
    public void Refused_to_some_clients_it_is_active()
    {
        var some = new ClientSelector { Include = [new() { HostProcesses = true }] };
        Assert.That(
            Told(out var isPartial, Dropping.With(policy => policy with { ClientSelector = some }).Build()),
            Is.EqualTo("Active: 2 frontends, 1 of them without a usable backend, refused to some clients by policy cw"));
        Assert.That(isPartial);
    }

    [Test]
    public void Redirected_everywhere_it_is_active_and_whole()
    {
        Assert.That(Told(out var isPartial, Dropping.Build(), Given.Pod()), Is.EqualTo("Active: 2 frontends, 2 of them redirected"));
        Assert.That(isPartial, Is.False);
    }

    private static string Told(out bool isPartial, params ReadOnlySpan<KubernetesObject> others)
    {
        var status = Make.Compiler([s_service, s_slice, .. others]).Status(s_service);
        isPartial = status.IsPartial;
        return $"{status.Condition}: {status.Message}";
    }
}
