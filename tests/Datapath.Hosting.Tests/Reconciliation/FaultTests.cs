using Datapath.Hosting.Tests.Client;
using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Reconciliation;

/// <summary>What happens around the engine is told where an embedding program looks: in results of calls, and in the monitor.</summary>
internal sealed class FaultTests
{
    private const string Outage = "cgroup '/cg' was removed";

    [Test]
    public async Task A_call_that_takes_no_effect_says_so_and_so_does_every_later_one()
    {
        await using var lab = await ClientLab.StartAsync();
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
        lab.Host.Datapath.Outage = Outage;
        foreach (var call in new Func<Task>[]
        {
            () => lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.2"), Deadline.Token),
            () => lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.2"), Deadline.Token), // changes nothing any more
            () => lab.Client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.3"), Deadline.Token),
            () => lab.Client.RemoveBackendAsync(ClientLab.Web, "10.0.0.3", Deadline.Token),
        })
        {
            var refusal = await Assert.ThrowsAsync<NotInForceException>(() => call());
            Assert.That(refusal!.Message, Does.EndWith($"; without effect: {Outage}"));
            Assert.That(refusal.Entries.Single().Outage, Is.EqualTo(Outage));
        }

        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.2"), "the change is made all the same");
        Assert.That(lab.Client.Current.Outage, Is.EqualTo(Outage));
        Assert.That(lab.Client.Current.Faults, Is.EqualTo(new[] { Outage }));
    }

    [Test]
    public async Task Entries_of_a_call_tell_it_each()
    {
        await using var lab = await ClientLab.StartAsync();
        lab.Host.Datapath.Outage = Outage;
        var result = await lab.Client.ReplaceAsync([ClientLab.Service().Backend("10.0.0.1"), ClientLab.Service("b", "10.96.0.2").Backend("10.0.0.2")], cancellationToken: Deadline.Token);
        Assert.That(result.NotInForce.Select(static entry => $"{entry.Object} {entry.Outage}"), Is.EqualTo(new[] { $"Service shop/web {Outage}", $"Service shop/b {Outage}" }));
    }

    [Test]
    public async Task That_what_was_removed_takes_no_effect_is_what_was_asked_for()
    {
        await using var lab = await ClientLab.StartAsync();
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
        lab.Host.Datapath.Outage = Outage;
        Assert.That((await lab.Client.RemoveServiceAsync(ClientLab.Web, Deadline.Token)).NotInForce, Is.Empty);
    }

    [Test]
    public async Task An_outage_that_is_over_is_over_with_the_next_call()
    {
        await using var lab = await ClientLab.StartAsync();
        lab.Host.Datapath.Outage = Outage;
        _ = await Assert.ThrowsAsync<NotInForceException>(() => lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token));
        lab.Host.Datapath.Outage = null;
        _ = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
        Assert.That((lab.Client.Current.Outage, lab.Client.Current.Faults), Is.EqualTo(((string?)null, System.Collections.Immutable.ImmutableArray<string>.Empty)));
    }

    [Test]
    public async Task What_will_not_last_is_no_reason_for_an_exception()
    {
        await using var lab = await ClientLab.StartAsync();
        lab.Host.Datapath.Faults = ["the pins are gone"];
        Assert.That((await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token)).NotInForce, Is.Empty);
    }

    [Test]
    public async Task What_the_kernel_tells_is_in_the_monitor_at_once()
    {
        var source = new FakeSource();
        source.Tell();
        var time = new FakeTimeProvider(); // stands still: nothing is asked from time to time
        await using var lab = new HostLab(builder => builder.AddSource(_ => source), time);
        await lab.Host.StartAsync(Deadline.Token);
        _ = await lab.SyncedAsync();
        await Deadline.UntilAsync(() => lab.Datapath.FaultsSuspected is not null, "nobody listens");
        lab.Datapath.Faults = ["the pins are gone"];
        lab.Datapath.Outage = Outage;
        lab.Datapath.FaultsSuspected!();
        var now = await lab.Monitor.WaitForAsync(static snapshot => snapshot.Outage is not null, Deadline.Token);
        Assert.That(now.Faults, Is.EqualTo(new[] { Outage, "the pins are gone" }));
        Assert.That(lab.Log.Bad, Is.EqualTo(new[] { $"The datapath has no effect, or will not last: {Outage}", "The datapath has no effect, or will not last: the pins are gone" }));

        source.Tell(Objects.Service("a"));
        now = await lab.Monitor.WaitForAsync(static snapshot => !snapshot.State.Services.IsEmpty, Deadline.Token);
        Assert.That(now.Faults, Has.Length.EqualTo(2), "a step does not lose them");
        lab.Datapath.Faults = [];
        lab.Datapath.Outage = null;
        lab.Datapath.FaultsSuspected!();
        _ = await lab.Monitor.WaitForAsync(static snapshot => snapshot.Faults.IsEmpty && snapshot.Outage is null, Deadline.Token);
    }
}
