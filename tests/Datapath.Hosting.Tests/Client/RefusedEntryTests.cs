using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;

namespace Datapath.Hosting.Tests.Client;

/// <summary>Calls with many objects, some of which have values that cannot be right.</summary>
internal sealed class RefusedEntryTests
{
    private const string Kept = "; the last good version is kept";
    private const string Oops = "Service shop/web: Rejected: backend 'oops': Address: 'oops' must be an IP address";

    private static readonly ObjectKey s_web = new(ObjectKind.Service, "shop", "web");

    private static ServiceBuilder Good() => ClientLab.Service().Backend("10.0.0.1").Backend("10.0.0.2");

    private static ServiceBuilder Api(string backend) => ClientLab.Service("api", "10.96.0.7").Backend(backend);

    private static IEnumerable<TestCaseData<ServiceBuilder, string>> Mistakes()
    {
        yield return new(Good().Backend("oops"), "backend 'oops': Address: 'oops' must be an IP address") { TestName = "{m}(address)" };
        yield return new(Good().Backend("10.0.0.3", weight: -1), "backend '10.0.0.3': Weight: '-1' must be 0 to 65535") { TestName = "{m}(weight)" };
        yield return new(Good().Port(0, name: "zero"), "spec.ports[1].port: '0' must be 1 to 65535") { TestName = "{m}(port)" };
    }

    private static async Task<ClientLab> ServingAsync()
    {
        var lab = await ClientLab.StartAsync();
        _ = await lab.Client.ReplaceAsync([Good(), Api("10.0.0.8")], cancellationToken: Deadline.Token);
        return lab;
    }

    private static void AssertKept(ClientLab lab, AppliedRevision result, string mistake) => Assert.Multiple(() =>
    {
        Assert.That((lab.Backends(), lab.Backends("api")), Is.EqualTo(("10.0.0.1 10.0.0.2", "10.0.0.9")));
        var web = result.Entries.Single(static entry => entry.Object == s_web);
        Assert.That((web.IsInForce, web.Status!.IsOutdated), Is.EqualTo((false, true)));
        Assert.That(web.ToString(), Does.Contain(mistake).And.EndsWith(Kept));
        Assert.That(string.Join(' ', result.NotInForce.Select(static entry => entry.Status!.Message)), Does.Not.Contain("EndpointSlice").And.Not.Contain("annotations").And.Not.Contain("endpoints["));
        Assert.That(result.Entries.Single(static entry => entry.Object.Name == "api").IsInForce);
    });

    [TestCaseSource(nameof(Mistakes))]
    public async Task A_whole_state_leaves_out_a_service_with_a_mistake_and_keeps_its_last_good_version(ServiceBuilder bad, string mistake)
    {
        await using var lab = await ServingAsync();
        var result = await lab.Client.ReplaceAsync([bad, Api("10.0.0.9")], cancellationToken: Deadline.Token);
        AssertKept(lab, result, mistake);
        Assert.That(result.NotInForce.Select(static entry => entry.Object), Is.EqualTo(new[] { s_web }));
        _ = await lab.Client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.4"), Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1 10.0.0.2 10.0.0.4"), "the next call has nothing of what was refused");
        var mended = await lab.Client.ReplaceAsync([Good().Backend("10.0.0.3")], cancellationToken: Deadline.Token);
        Assert.That((mended.NotInForce, lab.Backends(), lab.Backends("api")), Is.EqualTo((Array.Empty<EntryResult>(), "10.0.0.1 10.0.0.2 10.0.0.3", "none")));
    }

    [TestCaseSource(nameof(Mistakes))]
    public async Task A_change_leaves_out_a_service_with_a_mistake_and_its_slices(ServiceBuilder bad, string mistake)
    {
        await using var lab = await ClientLab.StartAsync();
        _ = await lab.Client.ApplyAsync(ObjectBatch.Upsert([.. Good().Build(), Api("10.0.0.8").Build()[0]]), Deadline.Token);
        var api = Api("10.0.0.9").Build();
        var result = await lab.Client.ApplyAsync(ObjectBatch.Upsert([.. bad.Build(), .. api[1..]]), Deadline.Token);
        var service = await lab.Client.ApplyAsync(ObjectBatch.Upsert(api[0]), Deadline.Token);
        AssertKept(lab, result with { Entries = [.. result.Entries, .. service.Entries] }, mistake);
    }

    [Test]
    public async Task A_service_and_its_slices_are_both_of_the_old_version()
    {
        await using var lab = await ClientLab.StartAsync();
        _ = await lab.Client.ApplyAsync(ObjectBatch.Upsert([.. Good().Build()]), Deadline.Token);
        var moved = ClientLab.Service(address: "10.96.0.50").Backend("10.0.0.6").Backend("10.0.0.7", weight: -1).Build();
        var gone = moved.Single(static item => item.Key.Name == "web-1").Key;
        var result = await lab.Client.ApplyAsync(new([.. moved.Where(item => item.Key != gone)], [gone], []), Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1 10.0.0.2"));
        Assert.That(lab.Host.Datapath.State.Services[ClientLab.Web].Frontends.Single().Address.ToString(), Is.EqualTo("10.96.0.1:80/TCP"));
        Assert.That(result.NotInForce.Select(static entry => entry.Object.Name), Is.EquivalentTo(new[] { "web", "web-1", "web-2" }));
    }

    [Test]
    public async Task What_is_new_and_wrong_is_not_made_at_all()
    {
        await using var lab = await ClientLab.StartAsync();
        var bad = ClientLab.Service().Backend("10.0.0.1").Backend("oops");
        var replaced = await lab.Client.ReplaceAsync([bad, Api("10.0.0.9")], cancellationToken: Deadline.Token);
        Assert.That(replaced.NotInForce.Select(static entry => entry.ToString()), Is.EqualTo(new[] { Oops }));
        Assert.That(replaced.NotInForce[0].Status!.IsOutdated, Is.False);
        Assert.That(lab.Client.Services, Is.EqualTo(new[] { new ServiceName("shop", "api") }));
        var applied = await lab.Client.ApplyAsync(ObjectBatch.Upsert([.. bad.Build()]), Deadline.Token);
        Assert.That(applied.NotInForce[0].ToString(), Is.EqualTo(Oops));
        Assert.That((lab.Backends(), lab.Backends("api")), Is.EqualTo(("none", "10.0.0.9")));
        Assert.That(lab.Client.Current.Statuses.Keys.Select(static key => key.Name), Has.None.StartsWith("web"));
    }

    [Test]
    public async Task Objects_that_are_no_part_of_a_service_stand_alone()
    {
        await using var lab = await ClientLab.StartAsync();
        _ = await lab.Client.ReplaceAsync([], [Objects.Pod("p"), Objects.Pod("q", 2)], Deadline.Token);
        var bad = new PodBuilder("default", "p").OnNode("node-a").Address("10.244.0").Build();
        var result = await lab.Client.ReplaceAsync([Good()], [bad], Deadline.Token);
        Assert.That(result.NotInForce.Single().ToString(), Does.StartWith("Pod default/p: Rejected: ").And.Contains("'10.244.0'").And.EndsWith(Kept));
        Assert.That(lab.Client.Current.Statuses.Where(static item => item.Key.Kind is ObjectKind.Pod).Select(static item => (item.Key.Name, item.Value.Condition)), Is.EqualTo(new[] { ("p", ObjectCondition.Accepted) }));
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1 10.0.0.2"));
    }
}
