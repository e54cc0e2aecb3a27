using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.DependencyInjection;

namespace Datapath.Hosting.Tests.Client;

/// <summary>Services that a client has when its host starts.</summary>
internal sealed class InitialServicesTests
{
    [Test]
    public async Task They_are_in_the_first_step_and_belong_to_the_client()
    {
        await using var lab = await ClientLab.StartAsync(static builder =>
            builder.AddClient([ClientLab.Service().Backend("10.0.0.1"), ClientLab.Service("api", "10.96.0.2").Backend("10.0.0.2")]));
        _ = await lab.Host.SyncedAsync();
        Assert.That(lab.Host.Datapath.Calls, Is.EqualTo(new[] { "replace api,web" }));
        Assert.That(lab.Client.Services.Select(static name => name.Name), Is.EqualTo(new[] { "api", "web" }));
        _ = await lab.Client.UpsertBackendAsync(ClientLab.Web, new("10.0.0.3"), Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("10.0.0.1 10.0.0.3"));
        _ = await lab.Client.RemoveServiceAsync(ClientLab.Web, Deadline.Token);
        Assert.That(lab.Backends(), Is.EqualTo("none"));
    }

    [Test]
    public void One_that_is_there_twice_stops_the_start() => Assert.That(
        static () => ClientLab.StartAsync(static builder => builder.AddClient([ClientLab.Service(), ClientLab.Service()])),
        Throws.ArgumentException.With.Message.Contains("service shop/web is there twice"));

    [Test]
    public void They_come_with_the_first_call_or_not_at_all() => Assert.That(
        static () => ClientLab.StartAsync(static builder => builder.AddClient().AddClient([])),
        Throws.InvalidOperationException.With.Message.Contains("give the services with the first call of AddClient"));
}
