using System.Collections.Immutable;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Client;

/// <summary>Calls whose token is cancelled before they are made, and calls of a datapath that was stopped, change nothing.</summary>
internal sealed class EndedCallTests
{
    private static readonly CancellationToken s_cancelled = new(canceled: true);

    /// <summary>Every call of the client that waits, each of which would change something.</summary>
    private static readonly (string Name, Func<DatapathClient, CancellationToken, Task> Call)[] s_calls =
    [
        ("UpsertServiceAsync", static (client, stop) => client.UpsertServiceAsync(ClientLab.Service("late", "10.96.0.9").Backend("10.0.0.9"), stop)),
        ("RemoveServiceAsync", static (client, stop) => client.RemoveServiceAsync(ClientLab.Web, stop)),
        ("UpsertBackendAsync", static (client, stop) => client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.9"), stop)),
        ("UpsertBackendsAsync", static (client, stop) => client.UpsertBackendsAsync(ClientLab.Web, [new("10.0.0.9")], stop)),
        ("RemoveBackendAsync", static (client, stop) => client.RemoveBackendAsync(ClientLab.Web, "10.0.0.1", stop)),
        ("SetWeightsAsync", static (client, stop) => client.SetWeightsAsync(ClientLab.Web, new Dictionary<string, int> { ["10.0.0.1"] = 1 }, stop)),
        ("DrainBackendAsync", static (client, stop) => client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", cancellationToken: stop)),
        ("UpsertRedirectAsync", static (client, stop) => client.UpsertRedirectAsync(Redirect, stop)),
        ("RemoveRedirectAsync", static (client, stop) => client.RemoveRedirectAsync("meta", stop)),
        ("ApplyAsync", static (client, stop) => client.ApplyAsync(ObjectBatch.Upsert(Objects.Service("late")), stop)),
        ("ReplaceAsync", static (client, stop) => client.ReplaceAsync([], cancellationToken: stop)),
        ("ChangeMasqueradeAsync", static (client, stop) => client.ChangeMasqueradeAsync(static rules => rules with { EnableIPv6Masquerade = !rules.EnableIPv6Masquerade }, stop)),
    ];

    private static RedirectBuilder Redirect => new RedirectBuilder("late", "shop", "app=late").Address("169.254.169.253", 80).ToPort(8080);

    private static string[] Names => [.. s_calls.Select(static item => item.Name)];

    [Test]
    public void Every_call_is_tried() => Assert.That(
        typeof(DatapathClient).GetMethods().Where(static method => typeof(Task).IsAssignableFrom(method.ReturnType)).Select(static method => method.Name).Except(["WaitForAsync"]),
        Is.EquivalentTo(Names));

    [TestCaseSource(nameof(Names))]
    public async Task One_that_was_cancelled_before_changes_nothing(string name)
    {
        await using var lab = await StartAsync();
        var before = StateOf(lab);
        Assert.That(() => CallOf(name)(lab.Client, s_cancelled), Throws.InstanceOf<OperationCanceledException>());
        await AssertUnchangedAsync(lab, before);
    }

    [TestCaseSource(nameof(Names))]
    public async Task One_after_a_stop_says_so_and_changes_nothing(string name)
    {
        await using var lab = await StartAsync();
        var client = lab.Client;
        var before = StateOf(lab);
        await lab.Host.Host.StopAsync();
        Assert.That(() => CallOf(name)(client, Deadline.Token), Throws.TypeOf<ObjectDisposedException>().With.Message.EqualTo("the datapath has ended: it was stopped"));
        Assert.That(StateOf(lab), Is.EqualTo(before));
    }

    [Test]
    public async Task Reading_and_listening_after_a_stop_say_so_too()
    {
        await using var lab = await StartAsync();
        var client = lab.Client;
        await lab.Host.Host.StopAsync();
        Assert.That(() => client.Read(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(async () => await client.ObserveDialsAsync().GetAsyncEnumerator().MoveNextAsync(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => client.WaitForAsync(long.MaxValue), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task One_that_waits_while_it_is_stopped_is_told()
    {
        await using var lab = await StartAsync();
        var wait = lab.Client.WaitForAsync(long.MaxValue, Deadline.Token);
        lab.Host.Datapath.Connections = [new(ClientLab.Web, L4Address.Parse("10.0.0.1:8080/TCP"), 1)];
        var drain = lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", cancellationToken: Deadline.Token);
        await Deadline.UntilAsync(() => lab.Host.Datapath.ConnectionsAsked > 0, "nobody counts");
        await lab.Host.Host.StopAsync();
        Assert.That(() => wait, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => drain, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_drain_whose_engine_is_gone_while_it_counts_says_what_has_ended()
    {
        await using var lab = await StartAsync();
        var counted = new TaskCompletionSource<ImmutableArray<BackendConnections>>(TaskCreationOptions.RunContinuationsAsynchronously);
        lab.Host.Datapath.OnCount = () => counted.Task;
        var drain = lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", cancellationToken: Deadline.Token);
        await Deadline.UntilAsync(() => lab.Host.Datapath.ConnectionsAsked > 0, "nobody counts");
        await lab.Host.Host.StopAsync();
        counted.SetException(new ObjectDisposedException(nameof(Linux.LinuxDatapath)));
        Assert.That(() => drain, Throws.TypeOf<ObjectDisposedException>().With.Message.EqualTo("the datapath has ended: it was stopped"));
    }

    private static Func<DatapathClient, CancellationToken, Task> CallOf(string name) => s_calls.Single(item => item.Name == name).Call;

    private static async Task<ClientLab> StartAsync()
    {
        var lab = await ClientLab.StartAsync(static builder => builder.AddMasquerade());
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1").Backend("10.0.0.2"), Deadline.Token);
        return lab;
    }

    private static string StateOf(ClientLab lab)
    {
        var objects = lab.Host.Host.Services.GetRequiredService<DatapathObjects>();
        return $"{objects.Revision}; {string.Join(' ', objects.All.Select(static item => item.Key))}; {lab.Backends()}; {string.Join(' ', lab.Client.Services)}";
    }

    // A call that comes after it shows what it had left to be done.
    private static async Task AssertUnchangedAsync(ClientLab lab, string before)
    {
        Assert.That(StateOf(lab), Is.EqualTo(before));
        var rules = lab.Client.Current.Masquerade?.Revision;
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1").Backend("10.0.0.2"), Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1 10.0.0.2"));
        Assert.That(lab.Client.Current.Masquerade?.Revision, Is.EqualTo(rules));
    }
}
