using Datapath.Hosting.Tests.Lab;

namespace Datapath.Hosting.Tests.Client;

/// <summary>What is printed of results says what is in them.</summary>
internal sealed class ResultTextTests
{
    [Test]
    public async Task Results_snapshots_and_what_the_engine_holds_are_readable()
    {
        await using var lab = await ClientLab.StartAsync();
        var applied = await lab.Client.UpsertServiceAsync(ClientLab.Service().Backend("10.0.0.1"), Deadline.Token);
        Assert.That(applied.ToString(), Does.StartWith("revision 1: Service shop/web: Active: 1 frontend; EndpointSlice shop/web-"));
        Assert.That(lab.Client.Current.ToString(), Does.Match("^step [0-9]+: synced, 1 services, 0 pods; self-test: effective$"));
        Assert.That(lab.Client.Current.State.Services[ClientLab.Web].ToString(), Is.EqualTo("shop/web: 10.96.0.1:80/TCP ClusterIP -> 10.0.0.1:8080/TCP"));

        lab.Host.Datapath.Refused["web"] = ("no room", false);
        lab.Host.Datapath.Outage = "the cgroup is gone";
        _ = await lab.Client.ReplaceAsync([ClientLab.Service().Backend("10.0.0.2")], cancellationToken: Deadline.Token);
        Assert.That(lab.Client.Current.ToString(), Does.Match("^step [0-9]+: synced, 1 services, 0 pods; the cgroup is gone; not applied: service shop/web, 10.96.0.1:80/TCP: no room; self-test: effective$"));
    }
}
