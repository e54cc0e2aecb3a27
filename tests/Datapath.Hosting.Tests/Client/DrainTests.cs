using System.Collections.Immutable;
using Datapath.Hosting.Tests.Lab;

namespace Datapath.Hosting.Tests.Client;

internal sealed class DrainTests
{
    private static readonly L4Address s_backend = L4Address.Parse("10.0.0.1:8080/TCP");

    private static async Task<ClientLab> TwoBackendsAsync()
    {
        var lab = await ClientLab.StartAsync();
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1").Backend("10.0.0.2"), Deadline.Token);
        return lab;
    }

    [Test]
    public async Task A_backend_stays_until_its_last_connection_has_ended()
    {
        await using var lab = await TwoBackendsAsync();
        var datapath = lab.Host.Datapath;
        // Another service's connections to the same backend do not count, nor do those to others.
        ImmutableArray<BackendConnections> others = [new(new("shop", "b"), s_backend, 9), new(ClientLab.Web, L4Address.Parse("10.0.0.2:8080/TCP"), 5)];
        datapath.Connections = [.. others, new(ClientLab.Web, s_backend, 2)];
        var drain = lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", cancellationToken: Deadline.Token);
        await Deadline.UntilAsync(() => datapath.ConnectionsAsked >= 2, "nobody counts");
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1(Terminating) 10.0.0.2"));
        Assert.That(drain.IsCompleted, Is.False);
        datapath.Connections = others;
        Assert.That(await drain, Is.Zero);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.2"));
    }

    [Test]
    public async Task When_the_time_is_over_it_is_removed_all_the_same()
    {
        await using var lab = await TwoBackendsAsync();
        lab.Host.Datapath.Connections = [new(ClientLab.Web, s_backend, 3)];
        Assert.That(await lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", TimeSpan.Zero, Deadline.Token), Is.EqualTo(3));
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.2"));
    }

    [Test]
    public async Task An_infinite_time_is_no_limit()
    {
        await using var lab = await TwoBackendsAsync();
        var datapath = lab.Host.Datapath;
        datapath.Connections = [new(ClientLab.Web, s_backend, 3)];
        var drain = lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", Timeout.InfiniteTimeSpan, Deadline.Token);
        await Deadline.UntilAsync(() => datapath.ConnectionsAsked >= 2 || drain.IsCompleted, "nobody counts");
        Assert.That(drain.IsCompleted, Is.False);
        datapath.Connections = [];
        Assert.That(await drain, Is.Zero);
    }

    [Test]
    public async Task A_negative_time_is_refused_and_changes_nothing()
    {
        await using var lab = await TwoBackendsAsync();
        lab.Host.Datapath.Connections = [new(ClientLab.Web, s_backend, 3)];
        Assert.That(
            () => lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", TimeSpan.FromSeconds(-2), Deadline.Token),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("must be 0 or longer").And.Message.Contains("longest").And.Message.Contains("-00:00:02"));
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1 10.0.0.2"));
    }

    [Test]
    public async Task Who_puts_it_back_has_his_way()
    {
        await using var lab = await TwoBackendsAsync();
        var datapath = lab.Host.Datapath;
        datapath.Connections = [new(ClientLab.Web, s_backend, 1)];
        var drain = lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", cancellationToken: Deadline.Token);
        await Deadline.UntilAsync(() => datapath.ConnectionsAsked >= 1, "nobody counts");
        _ = await lab.Client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.1"), Deadline.Token);
        Assert.That(async () => await drain, Throws.InvalidOperationException.With.Message.Contains("given another state while it was drained"));
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1 10.0.0.2"));
    }

    [Test]
    public async Task Of_two_that_drain_one_backend_the_later_to_end_is_told_of_the_other()
    {
        await using var lab = await TwoBackendsAsync();
        var datapath = lab.Host.Datapath;
        datapath.Connections = [new(ClientLab.Web, s_backend, 1)];
        var first = lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", cancellationToken: Deadline.Token);
        await Deadline.UntilAsync(() => datapath.ConnectionsAsked >= 1, "nobody counts");
        Assert.That(await lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", TimeSpan.Zero, Deadline.Token), Is.EqualTo(1));
        Assert.That(
            async () => await first,
            Throws.InvalidOperationException.With.Message.EqualTo("backend '10.0.0.1' of service shop/web was drained by another call at the same time, which has removed it"));
    }

    [Test]
    public async Task Who_removes_it_meanwhile_is_not_taken_for_another_drain()
    {
        await using var lab = await TwoBackendsAsync();
        var datapath = lab.Host.Datapath;
        datapath.Connections = [new(ClientLab.Web, s_backend, 1)];
        var drain = lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", cancellationToken: Deadline.Token);
        await Deadline.UntilAsync(() => datapath.ConnectionsAsked >= 1, "nobody counts");
        _ = await lab.Client.RemoveBackendAsync(ClientLab.Web, "10.0.0.1", Deadline.Token);
        Assert.That(async () => await drain, Throws.InvalidOperationException.With.Message.Contains("was removed or given another state while it was drained"));
    }

    [Test]
    public async Task Who_is_cancelled_leaves_it_without_new_connections()
    {
        await using var lab = await TwoBackendsAsync();
        var datapath = lab.Host.Datapath;
        datapath.Connections = [new(ClientLab.Web, s_backend, 1)];
        using var cancel = new CancellationTokenSource();
        var drain = lab.Client.DrainBackendAsync(ClientLab.Web, "10.0.0.1", cancellationToken: cancel.Token);
        await Deadline.UntilAsync(() => datapath.ConnectionsAsked >= 1, "nobody counts");
        await cancel.CancelAsync();
        Assert.That(async () => await drain, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1(Terminating) 10.0.0.2"));
    }
}
