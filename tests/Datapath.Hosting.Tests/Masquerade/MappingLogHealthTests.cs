using Datapath.Hosting.Tests.Lab;
using Datapath.Policy;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Datapath.Hosting.Tests.Masquerade;

/// <summary>What is wrong with the log of mappings shows in the host's health.</summary>
internal sealed class MappingLogHealthTests
{
    [Test]
    public async Task A_log_that_cannot_be_written_degrades_the_host_until_it_can()
    {
        var source = new FakeSource();
        source.Tell(ObjectBatch.Empty);
        await using var lab = new HostLab(source);
        await lab.Host.StartAsync();
        _ = await lab.SyncedAsync();
        var monitor = lab.Host.Services.GetRequiredService<DatapathMonitor>();
        monitor.MappingLogFailure = "'/nat.log' cannot be written: No space left on device";
        Assert.That(await lab.HealthAsync(), Is.EqualTo((HealthStatus.Degraded, "log of mappings: '/nat.log' cannot be written: No space left on device")));
        monitor.MappingLogFailure = null;
        Assert.That((await lab.HealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
    }
}
