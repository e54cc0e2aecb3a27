using Datapath.Hosting.Tests.Lab;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

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
    public async Task Values_that_cannot_be_right_stop_the_start_all_named_with_the_mistakes_of_the_options()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => ClientLab.StartAsync(
            static builder => builder.AddClient(
            [
                ClientLab.Service(), ClientLab.Service(), null!, ClientLab.Service("api", "10.96.0").Backend("oops").Backend("10.0.0.1", weight: -1),
                ClientLab.Service("twice", "10.96.0.3").Backend("10.0.0.1").Backend("10.0.0.1"), ClientLab.Service("none", "10.96.0.4").Backend(""),
            ]),
            static options => options.MaxSlots = 1));
        Assert.That(refusal!.Failures, Is.EqualTo(new[]
        {
            "maxSlots: 1 must be 64 to 16777216",
            "AddClient: service shop/web is there twice",
            "AddClient: services[2]: 'null' must be a service",
            "AddClient: Service shop/api: spec.clusterIPs[0]: '10.96.0' must be an IP address",
            "AddClient: Service shop/api: backend 'oops': Address: 'oops' must be an IP address",
            "AddClient: Service shop/api: backend '10.0.0.1': Weight: '-1' must be 0 to 65535",
            "AddClient: service shop/twice has backend 10.0.0.1 twice",
            "AddClient: Service shop/none: backend '': Address: '' must be an IP address",
        }));
    }

    [Test]
    public async Task One_that_another_source_has_is_warned_of()
    {
        var other = new FakeSource();
        other.Tell(Objects.Service("web", address: 8) with { Metadata = new() { Namespace = "shop", Name = "web" } });
        await using var lab = await ClientLab.StartAsync(builder => builder.AddSource(_ => other).AddClient([ClientLab.Service().Backend("10.0.0.1"), ClientLab.Service("api", "10.96.0.2")]));
        _ = await lab.Host.SyncedAsync();
        Assert.That(lab.Host.Log.Bad, Has.Some.EqualTo(
            "Not in force of the source of objects DatapathObjects, because the source of objects FakeSource has it too, and goes first: Service shop/web"));
    }

    [Test]
    public void They_come_with_the_first_call_or_not_at_all() => Assert.That(
        static () => ClientLab.StartAsync(static builder => builder.AddClient().AddClient([])),
        Throws.InvalidOperationException.With.Message.Contains("give the services with the first call of AddClient"));
}
