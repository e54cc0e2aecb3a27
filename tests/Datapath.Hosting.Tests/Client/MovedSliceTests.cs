using System.Collections.Immutable;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Client;

/// <summary>A slice whose label comes to name another service: its backends leave the one and join the other, in whatever state the one is.</summary>
internal sealed class MovedSliceTests
{
    private const string Kept = "the last good version is kept";

    private static readonly ImmutableArray<KubernetesObject> s_web = ClientLab.Service().Backend("10.0.0.1").Build();
    private static readonly ImmutableArray<KubernetesObject> s_api = ClientLab.Service("api", "10.96.0.7").Backend("10.0.0.8").Build();
    private static readonly EndpointSlice s_more = (EndpointSlice)s_web[1] with { Metadata = s_web[1].Metadata with { Name = "more" }, Endpoints = [new() { Addresses = ["10.0.0.2"] }] };
    private static readonly EndpointSlice s_moved = s_more with { Metadata = s_more.Metadata with { Labels = s_more.Metadata.Labels.SetItem(EndpointSlice.ServiceNameLabel, "api") } };
    private static readonly Service s_badWeb = Bad(s_web[0]);
    private static readonly Service s_badApi = Bad(s_api[0]);

    private static Service Bad(KubernetesObject service) => (Service)service with { Spec = ((Service)service).Spec with { Ports = [new() { Port = 0 }] } };

    private static async Task<ClientLab> ServingAsync()
    {
        var lab = await ClientLab.StartAsync();
        _ = await lab.Client.ApplyAsync(ObjectBatch.Upsert([.. s_web, .. s_api, s_more]), Deadline.Token);
        return lab;
    }

    private static Task<AppliedRevision> MakeAsync(ClientLab lab, bool isWhole, params ImmutableArray<KubernetesObject> objects) =>
        isWhole ? lab.Client.ReplaceAsync([], objects, Deadline.Token) : lab.Client.ApplyAsync(new(objects, [], []), Deadline.Token);

    private static void AssertResult(AppliedRevision result, params IEnumerable<string> notInForce) => Assert.Multiple(() =>
    {
        Assert.That(result.NotInForce.Select(static entry => entry.Object.Name), Is.EquivalentTo(notInForce));
        Assert.That(result.NotInForce.Select(static entry => entry.Status!.Message), Has.All.EndsWith(Kept));
    });

    [TestCase(false)]
    [TestCase(true)]
    public async Task It_leaves_a_service_whose_new_version_is_left_out(bool isWhole)
    {
        await using var lab = await ServingAsync();
        var result = await MakeAsync(lab, isWhole, [s_badWeb, s_web[1], .. s_api, s_moved]);
        Assert.That((lab.Backends(), lab.Backends("api")), Is.EqualTo(("10.0.0.1", "10.0.0.2 10.0.0.8")));
        AssertResult(result, "web", "web-1");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task It_leaves_a_service_whose_newest_version_was_left_out_by_an_earlier_call(bool isWhole)
    {
        await using var lab = await ServingAsync();
        AssertResult(await MakeAsync(lab, isWhole, [s_badWeb, s_web[1], .. s_api, s_more]), "web", "web-1", "more");
        var result = await MakeAsync(lab, isWhole, [.. isWhole ? s_web : [], .. s_api, s_moved]);
        Assert.That((lab.Backends(), lab.Backends("api")), Is.EqualTo(("10.0.0.1", "10.0.0.2 10.0.0.8")));
        AssertResult(result);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task It_stays_where_it_was_while_the_service_that_it_is_to_join_is_left_out(bool isWhole)
    {
        await using var lab = await ServingAsync();
        var result = await MakeAsync(lab, isWhole, [.. s_web, s_badApi, s_api[1], s_moved]);
        Assert.That((lab.Backends(), lab.Backends("api")), Is.EqualTo(("10.0.0.1 10.0.0.2", "10.0.0.8")), "as the result says");
        AssertResult(result, "api", "api-1", "more");
    }

    [Test]
    public async Task One_that_is_deleted_and_made_anew_in_another_service_is_no_part_of_the_old_one()
    {
        await using var lab = await ServingAsync();
        var result = await lab.Client.ApplyAsync(new([s_badWeb, s_moved], [s_more.Key], []), Deadline.Token);
        Assert.That((lab.Backends(), lab.Backends("api")), Is.EqualTo(("10.0.0.1", "10.0.0.2 10.0.0.8")));
        AssertResult(result, "web");
    }

    [Test]
    public async Task One_that_is_deleted_and_made_anew_in_a_service_that_is_left_out_stays_where_it_was()
    {
        await using var lab = await ServingAsync();
        var result = await lab.Client.ApplyAsync(new([s_badApi, s_moved], [s_more.Key], []), Deadline.Token);
        Assert.That((lab.Backends(), lab.Backends("api")), Is.EqualTo(("10.0.0.1 10.0.0.2", "10.0.0.8")));
        AssertResult(result, "api", "more");
    }

    [Test]
    public async Task It_leaves_a_service_whose_newest_version_its_source_refuses()
    {
        var source = new FakeSource();
        await using var lab = new ClientLab(builder => builder.AddSource(_ => source));
        source.Tell(ObjectBatch.Upsert([.. s_web, .. s_api, s_more]));
        await lab.Host.Host.StartAsync();
        source.Tell(ObjectBatch.Upsert(s_moved) with { Refused = [new(s_web[0].Key, "spec.ports[0].port: '0' must be 1 to 65535")] });
        await lab.Host.Monitor.WaitForAsync(snapshot => snapshot.Statuses.TryGetValue(s_web[0].Key, out var status) && status.IsOutdated, Deadline.Token);
        Assert.That((lab.Backends(), lab.Backends("api")), Is.EqualTo(("10.0.0.1", "10.0.0.2 10.0.0.8")));
    }
}
