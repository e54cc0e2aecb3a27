using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Datapath.Hosting.Tests.Client;

internal sealed class ServiceCallTests
{
    [Test]
    public async Task What_a_call_returns_from_is_in_the_engine()
    {
        await using var lab = await ClientLab.StartAsync();
        var client = lab.Client;
        var result = await client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1").Backend("10.0.0.2"), Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1 10.0.0.2"));
        Assert.That(result.Entries[0].Status!.Condition, Is.EqualTo(ObjectCondition.Active));

        _ = await client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.3") { Weight = 7 }, Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1 10.0.0.2 10.0.0.3*7"));
        _ = await client.SetWeightsAsync(ClientLab.Web, new Dictionary<string, int> { ["10.0.0.1"] = 90, ["10.0.0.3"] = 10 }, Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1*90 10.0.0.2 10.0.0.3*10"));
        _ = await client.RemoveBackendAsync(ClientLab.Web, "10.0.0.2", Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1*90 10.0.0.3*10"));
        Assert.That(client.TryGetBackends(ClientLab.Web, out var backends), Is.True);
        Assert.That(backends!.Select(static backend => backend.Weight), Is.EqualTo(new[] { 90, 10 }));
        _ = await client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.9"), Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.9"));
        _ = await client.RemoveServiceAsync(ClientLab.Web, Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("none"));
        Assert.That(client.Services, Is.Empty);
    }

    [Test]
    public async Task Null_and_a_backend_that_is_there_twice_are_refused_and_change_nothing()
    {
        await using var lab = await ClientLab.StartAsync();
        var client = lab.Client;
        _ = await client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
        AssertNull("backends", () => client.UpsertBackendsAsync(ClientLab.Web, null!));
        AssertNull("backend", () => client.UpsertBackendAsync(ClientLab.Web, null!));
        AssertNull("address", () => client.RemoveBackendAsync(ClientLab.Web, null!));
        AssertNull("address", () => client.DrainBackendAsync(ClientLab.Web, null!));
        AssertNull("weights", () => client.SetWeightsAsync(ClientLab.Web, null!));
        AssertNull("name", () => client.RemoveRedirectAsync(null!));
        Assert.That(() => client.UpsertBackendsAsync(ClientLab.Web, [new("10.0.0.2"), null!]), Throws.ArgumentException.With.Message.StartsWith("backends[1] must not be null"));
        Assert.That(
            () => client.UpsertBackendsAsync(ClientLab.Web, [new("fd00::2"), new("FD00:0::2")], Deadline.Token),
            Throws.ArgumentException.With.Message.StartsWith("service shop/web has backend FD00:0::2 twice"));
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1"));
        _ = await client.RemoveBackendAsync(ClientLab.Web, "garbage", Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1"));
    }

    private static void AssertNull(string parameter, Func<Task> call) =>
        Assert.That(call, Throws.TypeOf<ArgumentNullException>().With.Property(nameof(ArgumentException.ParamName)).EqualTo(parameter));

    [Test]
    public async Task Weights_change_in_one_step()
    {
        await using var lab = await ClientLab.StartAsync();
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1").Backend("10.0.0.2"), Deadline.Token);
        var before = lab.Host.Datapath.Calls.Length;
        _ = await lab.Client.SetWeightsAsync(ClientLab.Web, new Dictionary<string, int> { ["10.0.0.1"] = 90, ["10.0.0.2"] = 10 }, Deadline.Token);
        Assert.That(lab.Host.Datapath.Calls[before..], Has.Length.EqualTo(1));
    }

    [Test]
    public async Task What_is_refused_is_an_exception_with_field_value_and_reason()
    {
        await using var lab = await ClientLab.StartAsync();
        var refusal = await Assert.ThrowsAsync<NotInForceException>(() => lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("nowhere"), Deadline.Token));
        Assert.That(refusal!.Message, Is.EqualTo("Service shop/web: Rejected: backend 'nowhere': Address: 'nowhere' must be an IP address"));
        Assert.That(refusal.Entries.Single().Object.Kind, Is.EqualTo(ObjectKind.Service));
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1"));

        var conflict = await Assert.ThrowsAsync<NotInForceException>(() => lab.Client.UpsertServiceAsync(ClientLab.Service("late").Backend("10.0.0.2"), Deadline.Token));
        Assert.That(conflict!.Entries.Single().Status!.Condition, Is.EqualTo(ObjectCondition.Conflict));
        _ = await lab.Client.RemoveServiceAsync(ClientLab.Web, Deadline.Token);
        Assert.That(lab.Backends("late"), Is.EqualTo("10.0.0.2"), "it takes over when what stood in the way goes");
    }

    [Test]
    public async Task A_value_that_cannot_be_right_changes_nothing()
    {
        await using var lab = await ClientLab.StartAsync();
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1").Backend("10.0.0.2"), Deadline.Token);
        var calls = lab.Host.Datapath.Calls.Length;
        await AssertRefusedAsync(() => lab.Client.UpsertServiceAsync(ClientLab.Service().Port(70000, 8080, name: "high").Backend("10.0.0.3")), "'70000' must be 1 to 65535");
        await AssertRefusedAsync(() => lab.Client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.999")), "Service shop/web: Rejected: backend '10.0.0.999': Address: '10.0.0.999' must be an IP address");
        await AssertRefusedAsync(() => lab.Client.UpsertBackendsAsync(ClientLab.Web, [new("10.0.0.4"), new("127.0.0.1")]), "'127.0.0.1' must not be a loopback address");
        await AssertRefusedAsync(() => lab.Client.SetWeightsAsync(ClientLab.Web, new Dictionary<string, int> { ["10.0.0.1"] = -1 }), "backend '10.0.0.1': Weight: '-1' must be 0 to 65535");
        await AssertRefusedAsync(() => lab.Client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.4") { State = (BackendState)9, NodeName = "no node" }), "State: '9' must be one of Active, ");
        await AssertRefusedAsync(() => lab.Client.SetWeightsAsync(ClientLab.Web, new Dictionary<string, int> { ["10.0.0.2"] = 70000 }), "'70000'");
        Assert.That((lab.Backends(), lab.Host.Datapath.Calls.Length), Is.EqualTo(("10.0.0.1 10.0.0.2", calls)));
        _ = await lab.Client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.5"), Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1 10.0.0.2 10.0.0.5"), "the next call has nothing of those that were refused");

        static async Task AssertRefusedAsync(Func<Task> call, string reason) =>
            Assert.That((await Assert.ThrowsAsync<NotInForceException>(() => call()))!.Message, Does.Contain(reason));
    }

    [Test]
    public async Task What_the_engine_could_not_take_is_an_exception_too()
    {
        await using var lab = await ClientLab.StartAsync();
        lab.Host.Datapath.Refused["web"] = ("the map is full", IsTransient: true);
        var refusal = await Assert.ThrowsAsync<NotInForceException>(() => lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token));
        Assert.That(refusal!.Message, Does.Contain("10.96.0.1:80/TCP: the map is full"));
    }

    [Test]
    public async Task Who_is_not_there_is_named()
    {
        await using var lab = await ClientLab.StartAsync();
        Assert.That(
            () => lab.Client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.1")), Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("there is no service shop/web"));
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
        Assert.That(
            () => lab.Client.SetWeightsAsync(ClientLab.Web, new Dictionary<string, int> { ["10.0.0.1"] = 1, ["10.0.0.2"] = 1 }),
            Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("service shop/web has no backend '10.0.0.2'"));
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1"), "nothing was changed");
        _ = await lab.Client.RemoveBackendAsync(ClientLab.Web, "10.0.0.7", Deadline.Token);
        _ = await lab.Client.RemoveServiceAsync(new("shop", "none"), Deadline.Token);
    }

    [Test]
    public async Task A_whole_state_has_a_result_for_each_entry()
    {
        await using var lab = await ClientLab.StartAsync();
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service("old", "10.96.0.9").Backend("10.0.0.9"), Deadline.Token);
        var result = await lab.Client.ReplaceAsync(
            [ClientLab.Service().Backend("10.0.0.1"), ClientLab.Service("bad", "10.96.0").Backend("10.0.0.2")], [Objects.Pod("p")], Deadline.Token);
        Assert.Multiple(() =>
        {
            Assert.That(result.NotInForce.Select(static entry => entry.Object.ToString()), Is.EqualTo(new[] { "Service shop/bad" }));
            Assert.That(result.EnsureInForce, Throws.TypeOf<NotInForceException>().With.Message.Contains("'10.96.0' must be an IP address"));
            Assert.That(result.Entries.Select(static entry => entry.Object.Name), Is.SupersetOf(new[] { "web", "bad", "p" }));
            Assert.That((lab.Backends(), lab.Backends("old")), Is.EqualTo(("10.0.0.1", "none")));
        });
    }

    [Test]
    public async Task A_cancelled_call_made_its_change()
    {
        await using var lab = await ClientLab.StartAsync();
        using var started = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        await lab.Host.SyncedAsync();
        lab.Host.Datapath.OnCall = () =>
        {
            started.Set();
            _ = goOn.Wait(Deadline.Longest);
        };
        using var cancel = new CancellationTokenSource();
        var call = lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), cancel.Token);
        started.Wait(Deadline.Longest);
        await cancel.CancelAsync();
        Assert.That(async () => await call, Throws.InstanceOf<OperationCanceledException>());
        goOn.Set();
        lab.Host.Datapath.OnCall = null;
        _ = await lab.Client.WaitForAsync(1, Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1"));
    }

    [Test]
    public async Task Calls_of_many_threads_all_come_into_force()
    {
        await using var lab = await ClientLab.StartAsync();
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service(), Deadline.Token);
        await Task.WhenAll(Enumerable.Range(1, 200).Select(i => Task.Run(() => lab.Client.UpsertBackendAsync(ClientLab.Web, new($"10.0.0.{i}"), Deadline.Token))));
        Assert.That(lab.Backends().Split(' '), Has.Length.EqualTo(200));
        Assert.That(lab.Host.Datapath.Calls, Has.Length.LessThan(202), "calls that come together share a step");
    }

    [Test]
    public async Task When_the_datapath_has_ended_a_call_says_why()
    {
        var lab = await ClientLab.StartAsync();
        var client = lab.Client;
        _ = await lab.Host.SyncedAsync(); // it has begun
        await lab.DisposeAsync();
        Assert.That(() => client.UpsertServiceAsync(ClientLab.Service(), Deadline.Token), Throws.TypeOf<ObjectDisposedException>().With.Message.EqualTo("the datapath has ended: it was stopped"));
    }

    [Test]
    public async Task When_the_datapath_was_stopped_before_it_began_a_call_says_so()
    {
        await using var lab = new ClientLab();
        var service = lab.Host.Host.Services.GetServices<IHostedService>().OfType<ReconcileService>().Single();
        await service.StartAsync(new CancellationToken(canceled: true));
        await service.StopAsync(CancellationToken.None);
        Assert.That(
            () => lab.Client.UpsertServiceAsync(ClientLab.Service(), Deadline.Token),
            Throws.TypeOf<ObjectDisposedException>().With.Message.EqualTo("the datapath has ended: it was stopped before it began"));
    }
}
