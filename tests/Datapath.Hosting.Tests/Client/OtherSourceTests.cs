using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Client;

/// <summary>Calls about objects of a name that another source of the host has, too.</summary>
internal sealed class OtherSourceTests
{
    private const string Reason = "Conflict: the source of objects FakeSource has it too, and goes first";

    private readonly FakeSource _other = new();

    private Task<ClientLab> StartAsync(params ReadOnlySpan<KubernetesObject> objects)
    {
        _other.Tell(objects);
        return ClientLab.StartAsync(builder => builder.AddSource(_ => _other));
    }

    private static Service Theirs(string name = "web") =>
        Objects.Service(name, address: 8) with { Metadata = new() { Namespace = "shop", Name = name } };

    [Test]
    public async Task A_service_that_another_source_has_is_not_in_force_and_the_source_is_named()
    {
        await using var lab = await StartAsync(Theirs());
        var call = () => lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
        Assert.That((await Assert.ThrowsAsync<NotInForceException>(() => call()))!.Message, Is.EqualTo($"Service shop/web: {Reason}"));
        Assert.That(() => lab.Client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.2"), Deadline.Token), Throws.TypeOf<NotInForceException>().With.Message.Contains(Reason));
        var others = await lab.Client.UpsertServiceAsync(ClientLab.Service("api", "10.96.0.7").Backend("10.0.0.3"), Deadline.Token);
        Assert.That(others.NotInForce, Is.Empty);

        _other.Tell(ObjectBatch.Delete(Theirs().Key));
        _ = await lab.Host.Monitor.WaitForAsync(static now => now.State.Services[ClientLab.Web].Frontends[0].Address.ToString().StartsWith("10.96.0.1:", StringComparison.Ordinal), Deadline.Token);
        var mine = await lab.Client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.4"), Deadline.Token);
        Assert.That(mine.Entries[0].Status!.Condition, Is.EqualTo(ObjectCondition.Active));
    }

    [Test]
    public async Task A_redirect_that_another_source_has_is_not_in_force_and_the_source_is_named()
    {
        var policy = new RedirectBuilder("dns", "kube-system", "k8s-app=dns").Address("169.254.20.10", 53, L4Protocol.Udp).ToPort(53, L4Protocol.Udp);
        await using var lab = await StartAsync(policy.Build());
        Assert.That(
            () => lab.Client.UpsertRedirectAsync(policy, Deadline.Token),
            Throws.TypeOf<NotInForceException>().With.Message.EqualTo($"ClusterLocalRedirectPolicy dns: {Reason}"));
    }

    [Test]
    public async Task Results_are_of_the_programs_own_objects()
    {
        var refused = Theirs("bad") with { Spec = Theirs().Spec with { ClusterIP = "10.96.0" } };
        await using var lab = await StartAsync(Theirs(), refused, Objects.Pod("p"));
        var applied = await lab.Client.ApplyAsync(ObjectBatch.Upsert(Theirs("bad"), Objects.Pod("p"), Objects.Pod("q", 2)), Deadline.Token);
        Assert.That(applied.NotInForce.Select(static entry => entry.ToString()), Is.EqualTo(new[] { $"Service shop/bad: {Reason}", $"Pod default/p: {Reason}" }));
        var replaced = await lab.Client.ReplaceAsync([ClientLab.Service().Backend("10.0.0.1")], cancellationToken: Deadline.Token);
        Assert.That(replaced.EnsureInForce, Throws.TypeOf<NotInForceException>().With.Message.Contains($"Service shop/web: {Reason}"));
    }

    [Test]
    public async Task What_the_engine_refuses_of_anothers_object_is_no_failure_of_a_call()
    {
        await using var lab = await StartAsync(Theirs());
        _ = await lab.Host.SyncedAsync();
        lab.Host.Datapath.Refused["web"] = ("the map is full", IsTransient: true);
        var refusal = await Assert.ThrowsAsync<NotInForceException>(() => lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token));
        Assert.That(refusal!.Entries[0].Failures, Is.Empty);
    }

    [Test]
    public async Task What_the_program_removes_is_gone_for_it_whatever_another_source_has()
    {
        await using var lab = await StartAsync(Theirs() with { Spec = Theirs().Spec with { ClusterIP = "10.96.0" } });
        _ = await Assert.ThrowsAsync<NotInForceException>(() => lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token));
        var removed = await lab.Client.RemoveServiceAsync(ClientLab.Web, Deadline.Token);
        Assert.That(removed.Entries.Select(static entry => entry.ToString()), Has.All.EndsWith(": gone"));
    }

    [Test]
    public async Task The_client_goes_first_if_it_was_added_first()
    {
        _other.Tell(Theirs());
        await using var lab = await ClientLab.StartAsync(builder => builder.AddClient().AddSource(_ => _other));
        var applied = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
        Assert.That(applied.NotInForce, Is.Empty);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1"));
    }
}
