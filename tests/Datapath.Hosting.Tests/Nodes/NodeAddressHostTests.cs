using System.Net;
using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Datapath.Hosting.Tests.Nodes;

/// <summary>How the addresses of the machine reach the engine.</summary>
internal sealed class NodeAddressHostTests
{
    private static string NodeAddresses(DatapathSnapshot now) => string.Join(
        ' ', now.State.Services[Objects.Name("a")].Frontends.SelectMany(static f => f.NodeAddresses).Select(static a => a.Address));

    [Test]
    public async Task Node_ports_follow_the_addresses_of_the_devices()
    {
        var source = new FakeSource();
        await using var lab = new HostLab(source);
        lab.Addresses.Tell("10.0.0.1", "127.0.0.1");
        source.Tell(Objects.NodePortService("a", 30080));
        await lab.Host.StartAsync();
        _ = await lab.Monitor.WaitForAsync(static s => s.IsSynced && NodeAddresses(s) == "10.0.0.1", Deadline.Token);
        lab.Addresses.Tell("10.0.0.2", "10.0.0.3");
        _ = await lab.Monitor.WaitForAsync(static s => NodeAddresses(s) == "10.0.0.2 10.0.0.3", Deadline.Token);
        Assert.That(lab.Datapath.Calls[^1], Is.EqualTo("apply +a"));
        Assert.That(lab.Log.Bad, Is.Empty);
    }

    [Test]
    public async Task The_engine_is_not_touched_before_the_addresses_are_known()
    {
        var source = new FakeSource();
        await using var lab = new HostLab(new FakeNodeAddresses(isKnown: false), source);
        source.Tell(Objects.NodePortService("a", 30080));
        await lab.Host.StartAsync();

        // Each word comes when the loop takes the step in, and it is done with what came before by the second one.
        foreach (var word in new[] { "first", "second" })
        {
            source.Tell(ObjectBatch.Empty with { Diagnostics = [new() { Severity = DiagnosticSeverity.Debug, Reason = word }] });
            await Deadline.UntilAsync(() => lab.Log.At(LogLevel.Debug).Any(line => line.EndsWith(word, StringComparison.Ordinal)), $"the {word} word is taken in");
        }

        Assert.That(lab.Datapath.Calls, Is.Empty);
        lab.Addresses.Tell("10.0.0.1");
        Assert.That(NodeAddresses(await lab.SyncedAsync()), Is.EqualTo("10.0.0.1"));
        Assert.That(lab.Datapath.Calls, Is.EqualTo(new[] { "replace a" }));
    }

    [Test]
    public async Task Addresses_that_are_configured_are_final()
    {
        var source = new FakeSource();
        await using var lab = new HostLab(builder =>
        {
            builder.AddSource(_ => source);
            _ = builder.Services.AddDatapath(static o => o.Node.Addresses = [IPAddress.Parse("192.0.2.1")]);
        });
        source.Tell(Objects.NodePortService("a", 30080));
        await lab.Host.StartAsync();
        Assert.That(NodeAddresses(await lab.SyncedAsync()), Is.EqualTo("192.0.2.1"));
        Assert.That(lab.Addresses.IsWatched, Is.False);
    }

    [Test]
    public async Task Without_a_way_to_the_addresses_the_host_ends()
    {
        await using var lab = new HostLab(new FakeSource());
        await lab.Host.StartAsync();
        lab.Addresses.Fail(new IOException("no netlink here"));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => lab.SyncedAsync());
        Assert.That(error!.Message, Is.EqualTo("the datapath has ended: the watch of the node's addresses gave up: no netlink here"));
    }
}
